namespace LowRank.Factorization;

/// <summary>What a <see cref="DynamicsRecorder"/> records, and how often.</summary>
public sealed record DynamicsOptions
{
    /// <summary>Steps between two records, at least 1; the start is always recorded.</summary>
    /// <value>Default 1.</value>
    public int Every { get; init; } = 1;

    /// <summary>Whether the singular values of each factor are recorded.</summary>
    /// <value>Default true.</value>
    public bool FactorSpectra { get; init; } = true;

    /// <summary>Whether the singular values of the product are recorded.</summary>
    /// <value>Default true.</value>
    public bool ProductSpectrum { get; init; } = true;

    /// <summary>
    /// Rank r of the angles: for each factor the first r and the last r singular vectors one by one, and the middle
    /// ones as one subspace, against those of the first record after step 0. 0 records none.
    /// </summary>
    /// <value>Default 0.</value>
    public int AngleRank { get; init; }
}
