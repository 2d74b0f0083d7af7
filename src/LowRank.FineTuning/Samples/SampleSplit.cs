namespace LowRank.FineTuning.Samples;

/// <summary>A part of the sample world's sentences; the parts share words and facts, but no sentence pattern.</summary>
public enum SampleSplit
{
    /// <summary>Three patterns of five: to learn from.</summary>
    Training,

    /// <summary>About one pattern of seven: to decide what is best.</summary>
    Validation,

    /// <summary>A quarter of the patterns: to judge by.</summary>
    Test,
}
