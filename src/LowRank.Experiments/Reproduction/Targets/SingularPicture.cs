using LowRank.Experiments.Reports.Figures;
using LowRank.Factorization;
using LowRank.Tensors;
using static LowRank.Experiments.Reproduction.Targets.Origin;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>Figure 3: the singular values and vectors of a factor while it descends.</summary>
internal sealed class SingularPicture : Target
{
    private const double Limit = 1e-12;

    // An angle is found to about the root of the rounding error where two singular values lie close.
    private const double AngleLimit = 1e-6;

    private static readonly Setup Full = new() { Size = 30, Rank = 3, Steps = 50 };

    private static readonly Setup Quick = Full with { Size = 16, Rank = 2 };

    public override string Id => "fig3";

    public override string Place => "Figure 3";

    public override string Shows => "2r singular values and vectors of a factor move; the others stand still, all alike.";

    public override string Needs => "nothing";

    public override object Settings(ReproductionOptions options) => SetupAt(options.Scale);

    public override IReadOnlyList<Cell> Cells(ReproductionOptions options)
    {
        var setup = SetupAt(options.Scale);
        return
        [
            .. (options.Seeds ?? [.. Enumerable.Range(0, options.Scale == ReproductionScale.Full ? 5 : 1)])
                .Select(seed => new Cell([("layer", "1")], seed, Seconds: 1, context => Run(setup, Seed.From(seed), context))),
        ];
    }

    public override TargetOutcome Judge(IReadOnlyList<CellRecord> records, ReproductionOptions options)
    {
        var setup = SetupAt(options.Scale);
        Expectation? Paper(double low, double high, string source) =>
            options.Scale == ReproductionScale.Full ? new(null, low, high, source) : null;

        return new(
            [
                Over("frozen singular values: the most that they differ from each other", "frozen_spread", Expectation.AtMost(Limit, Theorem)),
                Over("frozen singular values: the most that they differ from ρ's recursion", "frozen_error", Expectation.AtMost(Limit, Theorem)),
                Over("frozen subspace: largest angle to where it began, radians", "frozen_angle", Expectation.AtMost(AngleLimit, "the theorem; angles are found to about 1e-8")),
                Over("factor outside of its two blocks: largest entry", "leak", Expectation.AtMost(Limit, Theorem)),
                .. options.Scale == ReproductionScale.Full
                    ? [
                        Finding.Of(
                            "frozen singular value at the end: distance to 0.95096",
                            records.Select(record => Math.Abs(record.Number("frozen_end") - 0.95096)),
                            Expectation.AtMost(1e-5, "the closed recursion ρ ← ρ (1 − ρ⁴/900) from 1, 50 times")),
                    ]
                    : Array.Empty<Finding>(),
                Over("largest singular value at the end", "top_end", Paper(1.3, 1.6, $"{AuthorsFigure}: about 1.55, the top three from 1.3 on")),
                Over("third singular value at the end", "top_least_end", Paper(1.2, 1.45, $"{AuthorsFigure}: about 1.3")),
                Over("smallest singular value at the end", "bottom_end", Paper(0.7, 0.9, $"{AuthorsFigure}: about 0.75, the bottom three to 0.88")),
                Over("largest angle of a right vector that moves, radians", "right_angle", Paper(0.65 / 3, 0.65 * 3, $"{AuthorsFigure}: 0.65; it depends on the draw, so its order")),
                Over("largest angle of a left vector that moves, radians", "left_angle", Paper(0.48 / 3, 0.48 * 3, $"{AuthorsFigure}: 0.48; it depends on the draw, so its order")),
            ],
            Picture(records, setup),
            FormattableString.Invariant($"The first factor of a {setup.Size} × {setup.Size} factorization, rank {setup.Rank}, at the start all of whose ")
                + "singular values are 1. Left: its singular values. Middle and right: the angle of each right and left singular vector to "
                + "where it was after the first step; the frozen ones in between count as one subspace.",
            [],
            ["At the start all singular values are equal and their vectors arbitrary: the angles are to those after the first step, as in the authors' code."]);

        Finding Over(string name, string number, Expectation? expected) =>
            Finding.Of(name, records.Select(record => record.Number(number)), expected);
    }

    private static CellResult Run(Setup setup, Seed seed, CellContext context)
    {
        using var problem = MatrixProblem.Draw(setup.Size, setup.Rank, observed: 1, seed, context.Device);
        using var model = DeepFactorization.Create(
            setup.Size, setup.Size, new() { Depth = setup.Depth, InitialScale = setup.InitialScale, Device = context.Device }, seed.For("model"));
        using var subspaces = InvariantSubspaces.Find(model, problem.Train, setup.Rank);
        using var recorder = new DynamicsRecorder(new() { ProductSpectrum = false, AngleRank = setup.Rank }, subspaces);
        new GradientDescent(new() { StepSize = setup.Step, MaxSteps = setup.Steps, CheckEvery = 1, Tolerance = 0 })
            .Fit(model, problem.Train, recorder);
        var points = recorder.Trace.Points;
        var frozen = FrozenBlock.Trajectory(
            [.. Enumerable.Repeat(setup.InitialScale, setup.Depth)], setup.Step / setup.Size / setup.Size, 0, setup.Steps);
        var middles = points.Select(point => point.FactorSpectra[0].Skip(setup.Rank).SkipLast(setup.Rank).ToList()).ToList();
        var (end, angles) = (points[^1].FactorSpectra[0], points.Skip(1).ToList());
        IReadOnlyList<double> Moving(IReadOnlyList<double> all) => [.. all.Take(setup.Rank), .. all.TakeLast(setup.Rank)];
        return new(
            new Dictionary<string, double>
            {
                ["frozen_spread"] = middles.Max(middle => middle[0] - middle[^1]),
                ["frozen_error"] = points.Zip(middles, (point, middle) => middle.Max(value => Math.Abs(value - frozen[point.Step][0]))).Max(),
                ["frozen_angle"] = angles.Max(point => Math.Max(point.RightAngles[0][setup.Rank], point.LeftAngles[0][setup.Rank])),
                ["leak"] = points.Max(point => point.Leaks[0]),
                ["frozen_end"] = middles[^1].Average(),
                ["top_end"] = end[0],
                ["top_least_end"] = end[setup.Rank - 1],
                ["bottom_end"] = end[^1],
                ["right_angle"] = angles.Max(point => Moving(point.RightAngles[0]).Max()),
                ["left_angle"] = angles.Max(point => Moving(point.LeftAngles[0]).Max()),
            },
            new Dictionary<string, IReadOnlyList<IReadOnlyList<double>>>
            {
                ["singular_values"] = [.. points.Select(point => Rounded(point.FactorSpectra[0]))],
                ["right_angles"] = [.. angles.Select(point => Rounded(point.RightAngles[0]))],
                ["left_angles"] = [.. angles.Select(point => Rounded(point.LeftAngles[0]))],
            });
    }

    private static Figure? Picture(IReadOnlyList<CellRecord> records, Setup setup)
    {
        if (records.Count == 0)
        {
            return null;
        }

        var first = records.MinBy(record => record.Seed)!;
        var middle = setup.Size - (2 * setup.Rank);
        SurfacePanel Panel(string title, string height, IEnumerable<IReadOnlyList<double>> rows, int firstRow) =>
            new(title, "index i", "iteration t", height, [.. rows], firstRow);

        // The frozen vectors have one angle together: it stands for each of them.
        IEnumerable<IReadOnlyList<double>> Each(string series) => first.Series(series).Select(row => (IReadOnlyList<double>)
            [.. row.Take(setup.Rank), .. Enumerable.Repeat(row[setup.Rank], middle), .. row.TakeLast(setup.Rank)]);

        return new(
            [
                Panel("singular values", "σ_i(t)", first.Series("singular_values"), 0),
                Panel("right singular vectors", "angle to v_i(1), rad", Each("right_angles"), 1),
                Panel("left singular vectors", "angle to u_i(1), rad", Each("left_angles"), 1),
            ],
            3);
    }

    private static IReadOnlyList<double> Rounded(IReadOnlyList<double> values) => [.. values.Select(value => Math.Round(value, 9))];

    private static Setup SetupAt(ReproductionScale scale) => scale == ReproductionScale.Full ? Full : Quick;

    private sealed record Setup
    {
        public required int Size { get; init; }

        public required int Rank { get; init; }

        public required int Steps { get; init; }

        public int Depth { get; init; } = 3;

        public double InitialScale { get; init; } = 1;

        public double Step { get; init; } = 1;
    }
}
