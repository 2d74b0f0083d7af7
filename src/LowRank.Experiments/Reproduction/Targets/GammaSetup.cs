namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>Settings of <see cref="GammaSensitivity"/>.</summary>
internal sealed record GammaSetup
{
    public required int Size { get; init; }

    public required int Rank { get; init; }

    public required double Observed { get; init; }

    public required double Step { get; init; }

    public required int MaxSteps { get; init; }

    public required int MaxNarrowSteps { get; init; }

    public double InitialScale { get; init; } = 1e-3;

    public int Depth { get; init; } = 3;

    public int CheckEvery { get; init; } = 100;

    public double Tolerance { get; init; } = 1e-10;

    public required IReadOnlyList<GammaRun> Runs { get; init; }

    // What the left panel shows: the original, one narrow network and the extremes of γ.
    public IEnumerable<GammaRun> Drawn =>
    [
        Runs[0],
        .. Runs.Where(run => run.Network == "compressed" && run.Estimate == Rank && run.Gamma is 0 or 0.01 or 0.3),
        Runs.First(run => run.Network == "narrow"),
    ];

    // Measured: a step costs a fixed part and products of the width.
    public double SecondsOf(GammaRun run) => (double.IsFinite(run.Iterations) ? run.Iterations : MaxSteps)
        * (1e-4 + (1e-10 * Size * Size * (run.Network == "original" ? Size : 4 * run.Estimate)));
}
