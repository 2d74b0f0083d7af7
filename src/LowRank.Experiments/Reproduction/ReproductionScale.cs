namespace LowRank.Experiments.Reproduction;

/// <summary>How large a reproduction is.</summary>
public enum ReproductionScale
{
    /// <summary>The paper's own settings.</summary>
    Full,

    /// <summary>A smaller setting of the same kind, made in seconds, with expected values of its own.</summary>
    Quick,
}
