using System.Globalization;
using LowRank.Experiments.Reports;
using LowRank.Experiments.Reports.Figures;
using LowRank.Factorization;
using LowRank.Tensors;
using static LowRank.Experiments.Reproduction.Targets.Origin;
using static TorchSharp.torch;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>The theorem of invariant subspaces and what follows from it, measured (docs/theory.md, 2 and 3).</summary>
internal sealed class TheoryCheck : Target
{
    private const double Limit = 1e-12;

    private static readonly TheorySetup Full = new() { Side = 100, LongSide = 160, Rank = 5, Steps = 400, TargetScale = 0.06, Every = 10 };

    private static readonly TheorySetup Quick = new() { Side = 20, LongSide = 32, Rank = 2, Steps = 100, TargetScale = 0.14, Every = 10 };

    // Depths 2, 3 and 4; equal and unequal scales; with and without decay.
    private static readonly (double[] Scales, double Decay)[] SquareCases =
    [
        ([0.5, 0.5], 0), ([0.5, 0.5], 0.2), ([0.6, 0.3], 0), ([0.4, 0.4, 0.4], 0), ([0.4, 0.4, 0.4], 0.2),
        ([0.7, 0.4, 0.2], 0), ([0.7, 0.4, 0.2], 0.1), ([0.6, 0.6, 0.6, 0.6], 0), ([0.9, 0.5, 0.7, 0.6], 0), ([0.9, 0.5, 0.7, 0.6], 0.3),
    ];

    private static readonly (string Name, string Form, double Least)[] Shapes = [("wide", "2r", 1e-9), ("wide", "3r", 0), ("tall", "2r", 1e-9), ("tall", "3r", 0)];

    private static readonly (string Number, string Name)[] Checks =
    [
        ("leak", "largest entry of a factor outside of its two blocks"),
        ("frozen_error", "frozen value ρ against its recursion"),
        ("block_error", "moving block against descent on the small problem"),
        ("gap_error", "distance of wide and compressed model against √(d − 2r) ∏ρ"),
        ("loss_error", "wide loss against compressed loss + ½ (d − 2r) ∏ρ²"),
    ];

    public override string Id => "theory-check";

    public override string Place => "the theorem";

    public override string Shows => "Only 2r directions of each factor move; the compressed model follows the wide one exactly.";

    public override string Needs => "nothing";

    public override object Settings(ReproductionOptions options) => SetupAt(options.Scale);

    public override IReadOnlyList<Cell> Cells(ReproductionOptions options)
    {
        var setup = SetupAt(options.Scale);
        return
        [
            .. from seed in options.Seeds ?? [0]
               from cell in SquareCases.Select(one => new Cell(
                       [("shape", "square"), ("scales", string.Join('x', one.Scales.Select(Text))), ("decay", Text(one.Decay))],
                       seed,
                       setup.Side / 100.0 * 4,
                       context => Square(setup, one.Scales, one.Decay, Seed.From(seed), context.Device)))
                   .Concat(Shapes.Select(shape => new Cell(
                       [("shape", shape.Name), ("form", shape.Form)],
                       seed,
                       setup.Side / 100.0 * 4,
                       context => new RectangularCheck(setup, shape.Name == "wide", shape.Form == "3r").Run(Seed.From(seed), context.Device))))
               select cell,
        ];
    }

    public override TargetOutcome Judge(IReadOnlyList<CellRecord> records, ReproductionOptions options)
    {
        var setup = SetupAt(options.Scale);
        var square = records.Where(record => record.Labels["shape"] == "square").ToList();
        return new(
            [
                .. Checks.Select(check => Worst($"square: {check.Name}", square, check.Number, Expectation.AtMost(Limit, Theorem))),
                .. Shapes.Select(shape => Worst(
                    $"{shape.Name} rectangle, {shape.Form} directions on the longer side: distance beyond the frozen part",
                    [.. records.Where(record => record.Labels["shape"] == shape.Name && record.Labels["form"] == shape.Form)],
                    "gap_error",
                    shape.Form == "3r"
                        ? Expectation.AtMost(Limit, "docs/theory.md, 3; the bound is for rounding")
                        : new(null, shape.Least, double.PositiveInfinity, "docs/theory.md, 3: not invariant, as the paper's square theorem does not say"))),
            ],
            Picture(records),
            FormattableString.Invariant($"Left: square matrices of side {setup.Side}, rank {setup.Rank}. The distance of the wide model and its ")
                + "compressed form while both descend (marks), and what the frozen part predicts (lines). Right: rectangles "
                + FormattableString.Invariant($"{setup.Side} × {setup.LongSide} and {setup.LongSide} × {setup.Side}: the distance beyond the frozen part."),
            [Table(records)],
            [
                "The paper's theorem is for square matrices. For a rectangle its 2r directions are not invariant, and the small model is a near "
                    + "relative of the wide one, not its equal; 3r directions on the longer side are exact (docs/theory.md, 3, has the argument).",
            ]);
    }

    private static CellResult Square(TheorySetup setup, double[] scales, double decay, Seed seed, Device device)
    {
        using var target = Initialize.LowRank(setup.Side, setup.Side, setup.Rank, seed.For("target"), device: device);
        using var scaled = target * setup.TargetScale;
        using var objective = new FullObjective(scaled);
        using var wide = DeepFactorization.Create(
            setup.Side, setup.Side, new() { Depth = scales.Length, InitialScales = scales, Device = device }, seed.For("model"));
        using var subspaces = InvariantSubspaces.Find(wide, objective, setup.Rank);
        using var compressed = Compression.FromFirstGradient(wide, objective, setup.Rank);
        using var smallTarget = SmallTarget(scaled, subspaces);
        using var smallObjective = new FullObjective(smallTarget);
        using var inner = DeepFactorization.FromFactors([.. compressed.Inner]);
        var frozen = FrozenBlock.Trajectory(scales, setup.StepSize, decay, setup.Steps);
        var descent = setup.Descent(decay);
        var (worst, rows) = (new Dictionary<string, double>(), new List<IReadOnlyList<double>>());
        for (var step = 0; ; step += setup.Every)
        {
            var predicted = FrozenBlock.Gap(frozen[step], setup.Side - (2 * setup.Rank));
            var gap = wide.DistanceTo(compressed);
            var (wideLoss, smallLoss) = (LossOf(wide, objective), LossOf(compressed, objective));
            rows.Add([step, gap, predicted]);
            Note("gap_error", Math.Abs(gap - predicted));
            Note("loss_error", Math.Abs(wideLoss - smallLoss - (0.5 * predicted * predicted)));
            for (var layer = 0; layer < scales.Length; layer++)
            {
                Note("leak", subspaces.Leak(layer, wide.Factors[layer]));
                Note("frozen_error", Math.Abs(subspaces.FrozenScale(layer, wide.Factors[layer]) - frozen[step][layer]));
                using var block = subspaces.MovingBlock(layer, wide.Factors[layer]);
                using var difference = block - inner.Factors[layer];
                Note("block_error", difference.abs().max().ReadNumber<double>());
            }

            if (step == setup.Steps)
            {
                return new(worst, new Dictionary<string, IReadOnlyList<IReadOnlyList<double>>> { ["gap"] = rows });
            }

            descent.Fit(wide, objective);
            descent.Fit(compressed, objective);
            descent.Fit(inner, smallObjective);
        }

        void Note(string name, double value) => worst[name] = Math.Max(worst.GetValueOrDefault(name), value);
    }

    private static Tensor SmallTarget(Tensor target, InvariantSubspaces subspaces)
    {
        var width = 2 * subspaces.Rank;
        using var scope = NewDisposeScope();
        return subspaces.Bases[^1].narrow(1, 0, width).t().mm(target).mm(subspaces.Bases[0].narrow(1, 0, width)).MoveToOuterDisposeScope();
    }

    private static double LossOf(MatrixModel model, Objective objective)
    {
        using var product = model.Product();
        return objective.Loss(product);
    }

    private static Finding Worst(string name, List<CellRecord> records, string number, Expectation expected) =>
        records.Count == 0
            ? new(name, double.NaN, expected)
            : new(name, records.Max(record => record.Number(number)), expected) { Note = records.Count > 1 ? $"the worst of {records.Count} runs" : "" };

    private static Figure? Picture(IReadOnlyList<CellRecord> records)
    {
        var plain = records.Where(record => record.Labels.GetValueOrDefault("decay") == "0").ToList();
        var decayed = records.Where(record => record.Labels.TryGetValue("decay", out var decay) && decay != "0").ToList();
        var rectangles = records.Where(record => record.Labels["shape"] != "square").ToList();
        return plain.Count == 0 || rectangles.Count == 0 ? null : new(
            [
                GapPanel("square, no decay", plain),
                GapPanel("square, with weight decay", decayed),
                new LinePanel(
                    "rectangles",
                    "iteration",
                    "distance beyond the frozen part",
                    [
                        .. rectangles.Select((record, place) => LineSeries.Plain(
                            $"{record.Labels["shape"]}, {record.Labels["form"]} directions",
                            place,
                            record.Series("gap").Select(row => (row[0], Math.Max(1e-17, Math.Abs(row[1] - row[2])))))),
                    ])
                { LogarithmicY = true, Legend = LegendPlace.MiddleRight },
            ],
            3);
    }

    private static LinePanel GapPanel(string title, List<CellRecord> records) => new(
        title,
        "iteration",
        "from wide to compressed model",
        [
            .. records.Select((record, place) => LineSeries.Plain(
                $"ε = {record.Labels["scales"].Replace("x", ", ", StringComparison.Ordinal)}"
                    + (record.Labels["decay"] == "0" ? "" : $"; λ = {record.Labels["decay"]}"),
                place,
                record.Series("gap").Select(row => (row[0], row[2])))),
            .. records.Select((record, place) => LineSeries.Plain(
                "",
                place,
                record.Series("gap").Where((_, at) => at % 2 == 0).Select(row => (row[0], row[1])),
                LineLook.Marks)),
        ])
    { LogarithmicY = true, Legend = LegendPlace.Below };

    private static ReportTable Table(IReadOnlyList<CellRecord> records) => new(
        "Square matrices, case by case: the largest error over all iterations looked at",
        ["ε", "λ", .. Checks.Select(check => check.Number.Replace('_', ' '))],
        [
            .. records.Where(record => record.Labels["shape"] == "square").Select(record => (IReadOnlyList<string>)
            [
                record.Labels["scales"].Replace("x", ", ", StringComparison.Ordinal),
                record.Labels["decay"],
                .. Checks.Select(check => Finding.Text(record.Number(check.Number))),
            ]),
        ]);

    private static TheorySetup SetupAt(ReproductionScale scale) => scale == ReproductionScale.Full ? Full : Quick;

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
