namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>Where an expected number comes from, in words of the report.</summary>
internal static class Origin
{
    /// <summary>The paper gives no number, but its figure shows one.</summary>
    public const string AuthorsFigure = "read off the authors' figure";

    /// <summary>The paper has no number, but another program was run.</summary>
    public const string IndependentRun = "an independent run at these settings";

    /// <summary>The paper has no such scale.</summary>
    public const string OwnRun = "measured here at this scale with seed 0";

    /// <summary>It follows, but for rounding.</summary>
    public const string Theorem = "the theorem; the bound is for rounding";
}
