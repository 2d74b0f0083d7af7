namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>The settings of <see cref="Trajectories"/>.</summary>
internal sealed record TrajectorySetup
{
    /// <summary>Side of the matrices, and width of the original network.</summary>
    public required int Size { get; init; }

    /// <summary>Rank of the matrix that is wholly known.</summary>
    public required int FactorizationRank { get; init; }

    /// <summary>Rank of the matrix that is partly known.</summary>
    public required int CompletionRank { get; init; }

    /// <summary>The known share of it.</summary>
    public required double Observed { get; init; }

    /// <summary>Initial scale of every factor.</summary>
    public required double InitialScale { get; init; }

    /// <summary>Step size of factorization, on the mean over all entries.</summary>
    public required double FactorizationStep { get; init; }

    /// <summary>Step size of completion, on the mean over all entries.</summary>
    public required double CompletionStep { get; init; }

    /// <summary>Iterations of factorization at most.</summary>
    public required int FactorizationLimit { get; init; }

    /// <summary>Iterations of completion at most; the run with frozen outer factors takes them all.</summary>
    public required int CompletionLimit { get; init; }

    /// <summary>Factors of the network.</summary>
    public int Depth { get; init; } = 3;

    /// <summary>Rate of the outer factors to that of the inner ones, in completion.</summary>
    public double Gamma { get; init; } = 0.01;

    /// <summary>Iterations between two checks of factorization.</summary>
    public int FactorizationCheck { get; init; } = 200;

    /// <summary>Iterations between two checks of completion.</summary>
    public int CompletionCheck { get; init; } = 100;

    /// <summary>Train loss that ends a factorization.</summary>
    public double FactorizationTolerance { get; init; } = 1e-10;

    /// <summary>Train loss that ends the completion by the original network.</summary>
    public double OriginalTolerance { get; init; } = 1e-9;

    /// <summary>Train loss that ends the completion by the compressed network.</summary>
    public double CompressedTolerance { get; init; } = 1e-13;

    // Measured: a step of full width is six products of square matrices; a compressed one passes over the matrix.
    public double SecondsOf(bool completion, bool original) => (completion ? 20_000 : 18_000)
        * (original ? 2.4e-10 * Math.Pow(Size, 3) : (3e-9 * Size * Size) + 1e-4);
}
