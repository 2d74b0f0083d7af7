using LowRank.Factorization;
using LowRank.Tensors;
using static LowRank.Experiments.Reproduction.Targets.Origin;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>How the compressed network depends on the rate γ of its outer factors.</summary>
internal sealed class GammaSensitivity : Target
{
    private const double SameOrder = 3;
    private const double NearZero = 1e-8;

    private static readonly GammaSetup Full = new()
    {
        Size = 200,
        Rank = 5,
        Observed = 0.3,
        Step = 400,
        MaxSteps = 30_000,
        MaxNarrowSteps = 60_000,
        Runs =
        [
            new("original", 0, 0, 14_500),
            new("compressed", 5, 0.003, 17_300),
            new("compressed", 5, 0.01, 15_400),
            new("compressed", 5, 0.03, 14_800),
            new("compressed", 5, 0.1, 14_600),
            new("compressed", 5, 0.3, Never, null),
            new("compressed", 5, 1, Diverges),
            new("compressed", 5, 0, Never, 6.0e-3),
            new("compressed", 10, 0.01, 15_300),
            new("compressed", 10, 0, Never, 5.4e-3),
            new("narrow", 5, 0, 36_800),
            new("narrow", 10, 0, 29_300),
            new("narrow", 20, 0, 26_400),
        ],
    };

    private static readonly GammaSetup Quick = Full with
    {
        Size = 40,
        Rank = 2,
        Observed = 0.5,
        InitialScale = 1e-2,
        Step = 40,
        MaxSteps = 6_000,
        MaxNarrowSteps = 12_000,
        Runs =
        [
            new("original", 0, 0, 800),
            new("compressed", 2, 0.01, 2_300),
            new("compressed", 2, 0.1, 1_000),
            new("compressed", 2, 0, Never, 8.736e-3),
            new("narrow", 2, 0, 1_800),
        ],
    };

    // In place of a number of iterations.
    private const double Never = double.PositiveInfinity;
    private const double Diverges = double.NaN;

    public override string Id => "extra-gamma";

    public override string Place => "the rate of the outer factors, beside Figure 4";

    public override string Shows => "Between 0 and about 0.1 every rate γ of the outer factors lets the compressed network follow the original.";

    public override string Needs => "nothing";

    public override object Settings(ReproductionOptions options)
    {
        var setup = SetupAt(options.Scale);
        return new
        {
            setup.Size,
            setup.Rank,
            setup.Observed,
            setup.Step,
            setup.MaxSteps,
            setup.MaxNarrowSteps,
            setup.InitialScale,
            setup.Depth,
            setup.CheckEvery,
            setup.Tolerance,
            Runs = setup.Runs.Select(run => run.Name),
        };
    }

    public override IReadOnlyList<Cell> Cells(ReproductionOptions options)
    {
        var setup = SetupAt(options.Scale);
        return
        [
            .. from seed in options.Seeds ?? [.. Enumerable.Range(0, options.Scale == ReproductionScale.Full ? 3 : 1)]
               from run in setup.Runs
               select new Cell(run.Labels, seed, setup.SecondsOf(run), context => Descend(setup, run, Seed.From(seed), context)),
        ];
    }

    public override TargetOutcome Judge(IReadOnlyList<CellRecord> records, ReproductionOptions options)
    {
        var setup = SetupAt(options.Scale);
        var source = options.Scale == ReproductionScale.Full ? IndependentRun : OwnRun;
        return new(
            [
                .. setup.Runs.SelectMany(run => Findings(run, [.. run.Among(records)], source)),
                new(
                    "largest recovery error of the runs that reach the tolerance",
                    records.Where(record => record.Number("reached") > 0).Select(record => record.Number("recovery_error"))
                        .DefaultIfEmpty(double.NaN).Max(),
                    Expectation.AtMost(NearZero, "they recover the matrix")),
            ],
            GammaFigure.Of(records, setup),
            FormattableString.Invariant($"Completing a {setup.Size} × {setup.Size} matrix of rank {setup.Rank} from {setup.Observed:P0} of its ")
                + "entries, by the original, narrow and compressed networks, these for rates γ of the outer factors. Left: the error on the other entries, seed "
                + FormattableString.Invariant($"{records.Select(record => record.Seed).DefaultIfEmpty(0).Min()}. Right: iterations to a train loss of ")
                + FormattableString.Invariant($"{setup.Tolerance:0e+0}; lines are means over the seeds, bands go from the least to the most."),
            [],
            [
                FormattableString.Invariant($"\"Reached\" and \"diverged\" are 1 for yes and 0 for no; a run that never reaches the tolerance ends after {setup.MaxSteps:#,0} iterations."),
                "The iterations count to the first check, every 100, at which the loss is below the tolerance.",
                "The study is not in the paper: its expected numbers are of another program's run with other random numbers.",
            ]);
    }

    private static IEnumerable<Finding> Findings(GammaRun run, IReadOnlyList<CellRecord> records, string source)
    {
        IEnumerable<double> Numbers(string name) => records.Select(record => record.Number(name));
        if (double.IsFinite(run.Iterations))
        {
            yield return Finding.Of($"iterations, {run.Name}", Numbers("iterations"), Expectation.Near(run.Iterations, 0.1, source));
            yield break;
        }

        yield return Finding.Of($"reached, {run.Name}", Numbers("reached"), Expectation.Near(0, 0.1, source));
        yield return Finding.Of(
            $"diverged, {run.Name}", Numbers("diverged"), Expectation.Near(double.IsNaN(run.Iterations) ? 1 : 0, 0.1, source));
        if (run.Error is { } error)
        {
            yield return Finding.Of($"recovery error, {run.Name}", Numbers("recovery_error"), Expectation.SameOrder(error, SameOrder, source));
        }
    }

    private static CellResult Descend(GammaSetup setup, GammaRun run, Seed seed, CellContext context)
    {
        using var problem = MatrixProblem.Draw(setup.Size, setup.Rank, setup.Observed, seed, context.Device);
        using var wide = DeepFactorization.Create(
            setup.Size,
            setup.Size,
            new()
            {
                Depth = setup.Depth,
                InitialScale = setup.InitialScale,
                Width = run.Network == "narrow" ? 2 * run.Estimate : null,
                Device = context.Device,
            },
            seed.For("model"));
        using var small = run.Network == "compressed" ? Compression.FromFirstGradient(wide, problem.Train, run.Estimate) : null;
        var limit = run.Network == "narrow" ? setup.MaxNarrowSteps : setup.MaxSteps;
        var result = new WatchedDescent(
            new()
            {
                StepSize = setup.Step,
                OuterRate = run.Gamma,
                MaxSteps = limit,
                CheckEvery = setup.CheckEvery,
                Tolerance = setup.Tolerance,
            },
            context)
        {
            Recovery = problem.Recovery,
        }.Run((MatrixModel?)small ?? wide, problem.Train);
        var stopped = result.Numbers["reached"] == 0 && result.Numbers["iterations"] < limit;
        return ThinCurve.Of(result with { Numbers = new Dictionary<string, double>(result.Numbers) { ["diverged"] = stopped ? 1 : 0 } });
    }

    private static GammaSetup SetupAt(ReproductionScale scale) => scale == ReproductionScale.Full ? Full : Quick;
}
