namespace LowRank.Transformers.Hub;

/// <summary>What happens to a file of a model or data set.</summary>
public enum HubStage
{
    /// <summary>It is in the cache already.</summary>
    Cached,

    /// <summary>Some of its bytes have arrived.</summary>
    Downloading,

    /// <summary>A request failed and will be repeated.</summary>
    Retrying,

    /// <summary>It has arrived whole and its hash is right.</summary>
    Done,

    /// <summary>The Hub cannot be reached; what the cache holds is used instead.</summary>
    Unreachable,
}
