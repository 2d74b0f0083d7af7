using LowRank.Tensors;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>Figure 4: the compressed network goes the way of the full-width one, in factorization and in completion.</summary>
internal sealed class Trajectories : Target
{
    /// <summary>The matrix is wholly known.</summary>
    internal const string WhollyKnown = "factorization";

    /// <summary>Some entries are known.</summary>
    internal const string PartlyKnown = "completion";

    /// <summary>The full-width network.</summary>
    internal const string Original = "original";

    /// <summary>The compressed one, with a small rate for its outer factors where entries are missing.</summary>
    internal const string Compressed = "compressed";

    /// <summary>The compressed one with frozen outer factors, where entries are missing.</summary>
    internal const string Frozen = "frozen";

    private static readonly TrajectorySetup Full = new()
    {
        Size = 1000,
        FactorizationRank = 10,
        CompletionRank = 5,
        Observed = 0.2,
        InitialScale = 1e-3,
        FactorizationStep = 1e3,
        CompletionStep = 5e3,
        FactorizationLimit = 40_000,
        CompletionLimit = 30_000,
    };

    private static readonly TrajectorySetup Quick = new()
    {
        Size = 100,
        FactorizationRank = 3,
        CompletionRank = 2,
        Observed = 0.4,
        InitialScale = 1e-2,
        FactorizationStep = 80,
        CompletionStep = 140,
        FactorizationLimit = 6_000,
        CompletionLimit = 5_000,
        FactorizationCheck = 20,
        CompletionCheck = 20,
    };

    public override string Id => "fig4";

    public override string Place => "Figure 4";

    public override string Shows => "The compressed network follows the full-width one; in completion it needs a small rate for its outer factors.";

    public override string Needs => "nothing";

    public override object Settings(ReproductionOptions options) => SetupAt(options.Scale);

    public override IReadOnlyList<Cell> Cells(ReproductionOptions options)
    {
        var setup = SetupAt(options.Scale);
        return
        [
            .. from seed in options.Seeds ?? [0]
               from run in new[]
               {
                   (WhollyKnown, Compressed), (PartlyKnown, Compressed), (PartlyKnown, Frozen), (WhollyKnown, Original), (PartlyKnown, Original),
               }
               select new Cell(
                   [("problem", run.Item1), ("network", run.Item2)],
                   seed,
                   setup.SecondsOf(run.Item1 == PartlyKnown, run.Item2 == Original),
                   context => new TrajectoryRun(setup, run.Item1 == PartlyKnown, run.Item2, context).Run(Seed.From(seed))),
        ];
    }

    public override TargetOutcome Judge(IReadOnlyList<CellRecord> records, ReproductionOptions options) =>
        new TrajectoryOutcome(records, SetupAt(options.Scale), options.Scale).Judge();

    private static TrajectorySetup SetupAt(ReproductionScale scale) => scale == ReproductionScale.Full ? Full : Quick;
}
