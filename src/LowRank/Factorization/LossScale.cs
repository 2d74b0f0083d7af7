namespace LowRank.Factorization;

/// <summary>What half the sum of squared residuals is divided by.</summary>
/// <remarks>
/// A step size belongs to a scale: a step s on the mean over all entries is the step s / (rows · columns) on the sum.
/// </remarks>
public enum LossScale
{
    /// <summary>Nothing: ½ Σ residual², as in the theorem (theory 1).</summary>
    Sum,

    /// <summary>The number of all entries, seen or not: the convention of the paper's experiments (theory 5).</summary>
    MeanOfEntries,

    /// <summary>The number of seen entries, or of measurements: the companion paper's convention (theory 5).</summary>
    MeanOfObserved,
}
