namespace LowRank.Completion;

/// <summary>The number format of the loops over the observed entries.</summary>
public enum CompletionPrecision
{
    /// <summary>
    /// <see cref="Float64"/>, except for <see cref="VariationalBayes"/> on more than two million entries, where half
    /// the memory traffic is worth more than the digits.
    /// </summary>
    Automatic,

    /// <summary>Single precision: about seven digits, half the memory.</summary>
    Float32,

    /// <summary>Double precision: exact recovery down to rounding.</summary>
    Float64,
}
