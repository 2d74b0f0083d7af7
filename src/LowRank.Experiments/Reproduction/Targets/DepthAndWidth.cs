using System.Globalization;
using LowRank.Experiments.Reports.Figures;
using LowRank.Factorization;
using LowRank.Tensors;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>Figure 1: what depth and width are good for in matrix completion.</summary>
internal sealed class DepthAndWidth : Target
{
    private const string Source = "read off the authors' figure";
    private const double SameOrder = 3;
    private const double NearZero = 1e-5;

    private static readonly int[] Depths = [2, 3];

    private static readonly Setup Full = new()
    {
        Size = 100,
        Rank = 10,
        Observed = 0.3,
        InitialScale = 1e-3,
        Widths = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100],
        StepOfDepth2 = 1e2,
        StepOfDepth3 = 3e2,
        MaxSteps = 60_000,
    };

    private static readonly Setup Quick = Full with
    {
        Size = 40,
        Rank = 3,
        Observed = 0.4,
        InitialScale = 1e-2,
        Widths = [3, 10, 20, 40],
        StepOfDepth2 = 40,
        StepOfDepth3 = 32,
        MaxSteps = 10_000,
    };

    // In units of 1e-3, by width; the figure shows nothing above 0 for a width of 10.
    private static readonly Dictionary<int, double> ShallowErrors = new()
    {
        [20] = 0.19,
        [30] = 0.44,
        [40] = 0.61,
        [50] = 0.78,
        [60] = 0.89,
        [70] = 0.97,
        [80] = 0.95,
        [90] = 1.13,
        [100] = 1.13,
    };

    private static readonly Dictionary<int, double> DeepIterations = new()
    {
        [10] = 41_600,
        [20] = 23_000,
        [30] = 19_600,
        [40] = 15_800,
        [50] = 14_200,
        [60] = 14_400,
        [70] = 13_500,
        [80] = 12_900,
        [90] = 11_900,
        [100] = 10_900,
    };

    public override string Id => "fig1";

    public override string Place => "Figure 1";

    public override string Shows => "Completion: a third factor recovers where two overfit, and width makes it faster.";

    public override string Needs => "nothing";

    public override object Settings(ReproductionOptions options) => SetupAt(options.Scale);

    public override IReadOnlyList<Cell> Cells(ReproductionOptions options)
    {
        var setup = SetupAt(options.Scale);
        return
        [
            .. from seed in options.Seeds ?? [.. Enumerable.Range(0, options.Scale == ReproductionScale.Full ? 5 : 1)]
               from width in setup.Widths
               from depth in Depths
               select new Cell(
                   [("depth", Text(depth)), ("width", Text(width))],
                   seed,
                   setup.SecondsOf(depth, width),
                   context => Run(setup, depth, width, Seed.From(seed), context)),
        ];
    }

    public override TargetOutcome Judge(IReadOnlyList<CellRecord> records, ReproductionScale scale)
    {
        var setup = SetupAt(scale);
        var findings = Depths.SelectMany(depth => setup.Widths.Select(width => Finding.Of(
                $"recovery error, depth {depth}, width {width}",
                Of(records, depth, width).Select(record => record.Number("recovery_error")),
                ErrorOf(scale, depth, width))))
            .Concat(setup.Widths.Select(width => Finding.Of(
                $"iterations, depth 3, width {width}",
                Of(records, 3, width).Where(record => record.Number("reached") > 0).Select(record => record.Number("iterations")),
                IterationsOf(scale, width))));
        return new(
            [.. findings],
            new([ErrorPanel(records, setup), IterationPanel(records, setup)], 2),
            FormattableString.Invariant($"Completing a {setup.Size} × {setup.Size} matrix of rank {setup.Rank} from {setup.Observed:P0} of ")
                + "its entries. Left: the error on the other entries. Right: iterations of the deep network until the train loss is "
                + $"{Finding.Text(setup.Tolerance)}. Lines are means over the seeds, bands go from the least to the most.",
            [],
            [
                "The two depths have different step sizes in the authors' notebook, which sets 3e2 and overwrites it by 1e2 for depth 2; so here.",
                .. Stopped(records),
            ]);
    }

    private static IEnumerable<string> Stopped(IReadOnlyList<CellRecord> records)
    {
        var stopped = records.Where(record => record.Number("reached") == 0)
            .GroupBy(record => (Depth: record.Labels["depth"], Width: record.Labels["width"])).ToList();
        if (stopped.Count > 0)
        {
            yield return "Not at the tolerance when the iterations ended, as in the paper where its figure shows it: "
                + string.Join(", ", stopped.Select(group => $"depth {group.Key.Depth} width {group.Key.Width} ({group.Count()} runs)")) + ".";
        }
    }

    private static CellResult Run(Setup setup, int depth, int width, Seed seed, CellContext context)
    {
        using var problem = MatrixProblem.Draw(setup.Size, setup.Rank, setup.Observed, seed);
        using var model = DeepFactorization.Create(
            setup.Size,
            setup.Size,
            new() { Depth = depth, Width = width, InitialScale = setup.InitialScale },
            seed.For("model"));
        var result = new WatchedDescent(
            new()
            {
                StepSize = depth == 2 ? setup.StepOfDepth2 : setup.StepOfDepth3,
                MaxSteps = setup.MaxSteps,
                CheckEvery = setup.CheckEvery,
                Tolerance = setup.Tolerance,
            },
            context)
        {
            Recovery = problem.Recovery,
        }.Run(model, problem.Train);
        return result with { Series = new Dictionary<string, IReadOnlyList<IReadOnlyList<double>>>() };
    }

    private static LinePanel ErrorPanel(IReadOnlyList<CellRecord> records, Setup setup) => new(
        "recovery error",
        "width",
        "recovery error on unknown entries",
        [.. Depths.Select(depth => Line(records, setup, depth, $"depth {depth}", "recovery_error"))])
    { Legend = LegendPlace.UpperLeft };

    private static LinePanel IterationPanel(IReadOnlyList<CellRecord> records, Setup setup) => new(
        "iterations, depth 3",
        "width",
        $"iterations to a train loss of {Finding.Text(setup.Tolerance)}",
        [Line([.. records.Where(record => record.Number("reached") > 0)], setup, 3, "depth 3", "iterations")])
    { Legend = LegendPlace.None };

    private static LineSeries Line(IReadOnlyList<CellRecord> records, Setup setup, int depth, string label, string number) =>
        LineSeries.OverRuns(label, depth - 1, setup.Widths.SelectMany(width =>
            Of(records, depth, width).Select(record => ((double)width, record.Number(number)))));

    private static IEnumerable<CellRecord> Of(IReadOnlyList<CellRecord> records, int depth, int width) =>
        records.Where(record => record.Labels["depth"] == Text(depth) && record.Labels["width"] == Text(width));

    private static Expectation? ErrorOf(ReproductionScale scale, int depth, int width) =>
        scale == ReproductionScale.Quick ? null
        : depth == 2 && ShallowErrors.TryGetValue(width, out var error) ? Expectation.SameOrder(1e-3 * error, SameOrder, Source)
        : Expectation.AtMost(NearZero, $"{Source}, where it is 0");

    private static Expectation? IterationsOf(ReproductionScale scale, int width) =>
        scale == ReproductionScale.Quick ? null : Expectation.Near(DeepIterations[width], 0.1, Source);

    private static Setup SetupAt(ReproductionScale scale) => scale == ReproductionScale.Full ? Full : Quick;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record Setup
    {
        public required int Size { get; init; }

        public required int Rank { get; init; }

        public required double Observed { get; init; }

        public required double InitialScale { get; init; }

        public required IReadOnlyList<int> Widths { get; init; }

        public required double StepOfDepth2 { get; init; }

        public required double StepOfDepth3 { get; init; }

        public required int MaxSteps { get; init; }

        public int CheckEvery { get; init; } = 100;

        public double Tolerance { get; init; } = 1e-10;

        // Measured: a step costs a fixed part and products of the width.
        public double SecondsOf(int depth, int width) =>
            MaxSteps / 2.0 * (depth - 1) * (4e-5 + (5e-11 * Size * Size * width));
    }
}
