using LowRank.Experiments.Reports.Figures;
using LowRank.Factorization;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>Figure 3's setting under momentum, Adam and RMSprop.</summary>
internal sealed class OtherOptimizers : Target
{
    private const double Limit = 1e-12;
    private const double AngleLimit = 1e-6; // angles are found to about the root of the rounding error
    private const double FarAbove = 1e-3; // nine orders above rounding
    private const double Decay = 0.9;

    private const string Momentum = "momentum";
    private const string Adam = "adam";
    private const string RmsProp = "rmsprop";
    private const string Linear = "momentum's steps are linear in past gradients; the bound is for rounding";
    private const string NotLinear = "steps that divide by the root of squares do not keep the blocks";

    private static readonly string[] Names = [Momentum, Adam, RmsProp];

    private static readonly Setup Full = new() { Size = 30, Rank = 3 };

    private static readonly Setup Quick = Full with { Size = 16, Rank = 2 };

    public override string Id => "extra-optim";

    public override string Place => "Figure 3 under other optimizers";

    public override string Shows => "Momentum keeps the frozen singular values alike, Adam and RMSprop do not.";

    public override string Needs => "nothing";

    public override object Settings(ReproductionOptions options) => SetupAt(options.Scale);

    public override IReadOnlyList<Cell> Cells(ReproductionOptions options)
    {
        var setup = SetupAt(options.Scale);
        return
        [
            .. from seed in options.Seeds ?? [.. Enumerable.Range(0, options.Scale == ReproductionScale.Full ? 5 : 1)]
               from name in Names
               select new Cell([("optimizer", name)], seed, Seconds: 1, context => Run(setup, name, Seed.From(seed), context.Device)),
        ];
    }

    public override TargetOutcome Judge(IReadOnlyList<CellRecord> records, ReproductionOptions options)
    {
        var setup = SetupAt(options.Scale);
        return new(
            [
                .. Names.SelectMany(name => Findings([.. records.Where(record => record.Labels["optimizer"] == name)], name)),
                Finding.Of(
                    "momentum, frozen singular values: the most that they differ from heavy ball's recursion of ρ",
                    records.Select(record => record.Number("frozen_error")),
                    Expectation.AtMost(Limit, Linear)),
            ],
            Picture(records),
            FormattableString.Invariant($"Singular values of the first factor of a {setup.Size} × {setup.Size} factorization, rank {setup.Rank}, under ")
                + FormattableString.Invariant($"momentum (step {setup.MomentumStep}), Adam and RMSprop (step {setup.AdaptiveStep})."),
            [],
            [
                "Subspaces and blocks are those of the theorem for plain descent, found from the first gradient.",
                "Whether the paper has this figure is not known; its authors' code makes it, and no number was published.",
                "RMSprop divides by the root of a mean of squares that starts at 0 and decays by 0.9, with 1e-8 under the root.",
            ]);
    }

    private static IEnumerable<Finding> Findings(IReadOnlyList<CellRecord> records, string name)
    {
        var kept = name == Momentum;
        Expectation Most(double limit) => kept ? Expectation.AtMost(limit, Linear) : new(null, FarAbove, double.PositiveInfinity, NotLinear);
        Finding Over(string what, string number, Expectation expected) =>
            Finding.Of($"{name}, {what}", records.Select(record => record.Number(number)), expected);
        yield return Over("frozen singular values: the most that they differ from each other", "frozen_spread", Most(Limit));
        yield return Over("frozen subspace: largest angle to where it began, radians", "frozen_angle", Most(AngleLimit));
        yield return Over("factor outside of its two blocks: largest entry", "leak", Most(Limit));
    }

    private static CellResult Run(Setup setup, string name, Seed seed, Device device)
    {
        using var problem = MatrixProblem.Draw(setup.Size, setup.Rank, observed: 1, seed, device);
        using var model = DeepFactorization.Create(
            setup.Size, setup.Size, new() { Depth = setup.Depth, InitialScale = setup.InitialScale, Device = device }, seed.For("model"));
        using var subspaces = InvariantSubspaces.Find(model, problem.Train, setup.Rank);
        using var recorder = new DynamicsRecorder(new() { ProductSpectrum = false, AngleRank = setup.Rank }, subspaces);
        if (name == RmsProp)
        {
            RmsPropDescent.Run(model, problem.Train, setup.AdaptiveStep, setup.Steps, recorder);
        }
        else
        {
            new GradientDescent(new()
            {
                Rule = name == Momentum ? DescentRule.Momentum : DescentRule.Adam,
                Momentum = Decay,
                StepSize = name == Momentum ? setup.MomentumStep : setup.AdaptiveStep,
                MaxSteps = setup.Steps,
                CheckEvery = 1,
                Tolerance = 0,
            }).Fit(model, problem.Train, recorder);
        }

        return Measure(setup, name, recorder.Trace.Points);
    }

    private static CellResult Measure(Setup setup, string name, IReadOnlyList<DynamicsPoint> points)
    {
        var middles = points.Select(point => point.FactorSpectra[0].Skip(setup.Rank).SkipLast(setup.Rank).ToList()).ToList();
        var numbers = new Dictionary<string, double>
        {
            ["frozen_spread"] = middles.Max(middle => middle[0] - middle[^1]),
            ["frozen_angle"] = points.Skip(1).Max(point => Math.Max(point.RightAngles[0][setup.Rank], point.LeftAngles[0][setup.Rank])),
            ["leak"] = points.Max(point => point.Leaks[0]),
            ["top_end"] = points[^1].FactorSpectra[0][0],
            ["bottom_end"] = points[^1].FactorSpectra[0][^1],
            ["train_loss"] = points[^1].Loss,
        };
        if (name == Momentum)
        {
            var frozen = HeavyBall(setup);
            numbers["frozen_error"] = points.Zip(middles, (point, middle) => middle.Max(value => Math.Abs(value - frozen[point.Step]))).Max();
        }

        return new(numbers, new Dictionary<string, IReadOnlyList<IReadOnlyList<double>>>
        {
            ["singular_values"] = [.. points.Select(point => (IReadOnlyList<double>)
                [.. point.FactorSpectra[0].Select(value => Math.Round(value, 6))])],
        });
    }

    // The frozen value of all factors alike: its gradient is ρ times the squares of the others.
    private static List<double> HeavyBall(Setup setup)
    {
        var step = setup.MomentumStep / setup.Size / setup.Size;
        var (value, velocity) = (setup.InitialScale, 0.0);
        var values = new List<double> { value };
        for (var taken = 0; taken < setup.Steps; taken++)
        {
            velocity = (Decay * velocity) + Math.Pow(value, (2 * setup.Depth) - 1);
            value -= step * velocity;
            values.Add(value);
        }

        return values;
    }

    private static Figure? Picture(IReadOnlyList<CellRecord> records)
    {
        var panels = Names.Select(name => records.Where(record => record.Labels["optimizer"] == name).MinBy(record => record.Seed))
            .OfType<CellRecord>()
            .Select(first => new SurfacePanel(
                Title(first.Labels["optimizer"]), "index i", "iteration t", "σ_i(t)", [.. first.Series("singular_values")], 0))
            .ToList();
        return panels.Count > 0 ? new(panels, panels.Count) : null;
    }

    private static string Title(string name) => name switch
    {
        Adam => "Adam",
        RmsProp => "RMSprop",
        _ => name,
    };

    private static Setup SetupAt(ReproductionScale scale) => scale == ReproductionScale.Full ? Full : Quick;

    private sealed record Setup
    {
        public required int Size { get; init; }

        public required int Rank { get; init; }

        public int Steps { get; init; } = 50;

        public int Depth { get; init; } = 3;

        public double InitialScale { get; init; } = 1;

        public double MomentumStep { get; init; } = 1;

        public double AdaptiveStep { get; init; } = 1e-2;
    }
}
