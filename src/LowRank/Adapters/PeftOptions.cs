namespace LowRank.Adapters;

/// <summary>What a PEFT folder says beside the adapter's own numbers.</summary>
public sealed record PeftOptions
{
    /// <summary>The base model's hub id or folder, as loaders will look for it.</summary>
    /// <value>Null: not said.</value>
    public string? BaseModel { get; init; }

    /// <summary>The base model's revision on the hub.</summary>
    /// <value>Null: not said.</value>
    public string? Revision { get; init; }

    /// <summary>PEFT's task type, such as <c>SEQ_CLS</c>.</summary>
    /// <value>Null: not said.</value>
    public string? TaskType { get; init; }

    /// <summary>
    /// Module paths of heads to store even if they were not trained: PEFT gives a classification task a fresh random
    /// head when the file has none.
    /// </summary>
    /// <value>Empty; the trained heads are always stored.</value>
    public IReadOnlyList<string> Heads { get; init; } = [];
}
