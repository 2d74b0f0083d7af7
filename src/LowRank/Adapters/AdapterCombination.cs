namespace LowRank.Adapters;

/// <summary>How the weighted updates of several adapters become one plain LoRA; names are PEFT's.</summary>
public enum AdapterCombination
{
    /// <summary>
    /// The exact weighted sum of the updates: the factors side by side, so the ranks add up.
    /// </summary>
    Cat,

    /// <summary>The best approximation of the weighted sum at a chosen rank, from the factors alone.</summary>
    Svd,

    /// <summary>
    /// The factors themselves are summed, each with the root of its weight, which keeps the rank: a heuristic, not the
    /// sum of the updates. Needs equal ranks.
    /// </summary>
    Linear,
}
