namespace LowRank.Completion;

/// <summary>What a made-up rating matrix looks like. The defaults are a small one without noise.</summary>
public sealed record SyntheticRatingsOptions
{
    /// <summary>Number of rows (users), at least 1.</summary>
    /// <value>Default 1,000.</value>
    public int Rows { get; init; } = 1_000;

    /// <summary>Number of columns (items), at least 1.</summary>
    /// <value>Default 500.</value>
    public int Columns { get; init; } = 500;

    /// <summary>Rank of the noiseless matrix, at least 1.</summary>
    /// <value>Default 8.</value>
    public int Rank { get; init; } = 8;

    /// <summary>Number of observed entries, 1 to the number of cells.</summary>
    /// <value>Default 50,000.</value>
    public int Entries { get; init; } = 50_000;

    /// <summary>
    /// Standard deviation of the noise on observed values, at least 0; noiseless values have variance 1.
    /// </summary>
    /// <value>Default 0: the matrix is exactly of low rank.</value>
    public double Noise { get; init; }

    /// <summary>Decimal places that observed values are rounded to, 0 to 15, as ratings in files are.</summary>
    /// <value>Default null: not rounded.</value>
    public int? Decimals { get; init; }
}
