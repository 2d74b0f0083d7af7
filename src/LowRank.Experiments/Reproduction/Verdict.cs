namespace LowRank.Experiments.Reproduction;

/// <summary>What a number says about an expectation.</summary>
public enum Verdict
{
    /// <summary>There is no expectation to hold it against.</summary>
    None,

    /// <summary>Within the band.</summary>
    Within,

    /// <summary>Outside of the band.</summary>
    Outside,

    /// <summary>Not made yet.</summary>
    Missing,
}
