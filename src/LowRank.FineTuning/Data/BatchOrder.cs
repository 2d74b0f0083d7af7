namespace LowRank.FineTuning.Data;

/// <summary>In which order rows go into batches.</summary>
public enum BatchOrder
{
    /// <summary>A new random order in each epoch.</summary>
    Shuffled,

    /// <summary>Random, but rows of like lengths share a batch, so that less is padded.</summary>
    ShuffledByLength,

    /// <summary>The order of the data.</summary>
    Sequential,

    /// <summary>From the longest to the shortest, the same in each epoch: for evaluation.</summary>
    LongestFirst,
}
