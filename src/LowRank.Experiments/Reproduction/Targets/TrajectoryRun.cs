using LowRank.Factorization;
using LowRank.Tensors;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>One run of <see cref="Trajectories"/>.</summary>
internal sealed class TrajectoryRun(TrajectorySetup setup, bool completion, string network, CellContext context)
{
    private const int Entries = 128;
    private static readonly (int Before, int After) Snapshots = (5, 25);

    /// <summary>Descends.</summary>
    /// <param name="seed">Decides the matrix, the known entries and the start: the same for all networks.</param>
    /// <returns>As <see cref="WatchedDescent.Run"/>.</returns>
    public CellResult Run(Seed seed)
    {
        var rank = completion ? setup.CompletionRank : setup.FactorizationRank;
        var own = seed.For(completion ? Trajectories.PartlyKnown : Trajectories.WhollyKnown);
        using var problem = MatrixProblem.Draw(setup.Size, rank, completion ? setup.Observed : 1, own, context.Device);
        using var wide = DeepFactorization.Create(
            setup.Size, setup.Size, new() { Depth = setup.Depth, InitialScale = setup.InitialScale, Device = context.Device }, own.For("model"));
        using var compressed = Compression.FromFirstGradient(wide, problem.Train, rank);
        MatrixModel model = network == Trajectories.Original ? wide : compressed;
        return new WatchedDescent(Options(), context)
        {
            Recovery = problem.Recovery,
            Entries = SomeEntries(own.For("entries")),
            Snapshots = Snapshots,
        }.Run(model, problem.Train);
    }

    private DescentOptions Options() => new()
    {
        StepSize = completion ? setup.CompletionStep : setup.FactorizationStep,
        OuterRate = completion && network == Trajectories.Compressed ? setup.Gamma : 0,
        MaxSteps = completion ? setup.CompletionLimit : setup.FactorizationLimit,
        CheckEvery = completion ? setup.CompletionCheck : setup.FactorizationCheck,
        Tolerance = !completion ? setup.FactorizationTolerance
            : network == Trajectories.Original ? setup.OriginalTolerance
            : setup.CompressedTolerance,
    };

    private long[] SomeEntries(Seed seed)
    {
        var random = seed.Random();
        return [.. Enumerable.Range(0, Entries).Select(_ => random.NextInt64((long)setup.Size * setup.Size))];
    }
}
