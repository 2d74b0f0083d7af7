namespace LowRank.FineTuning.Data;

/// <summary>One row: a text or a pair of texts, and what a model should answer.</summary>
/// <param name="Text">The text.</param>
/// <param name="TextPair">The second text; null when the data are not pairs.</param>
/// <param name="Target">The number to predict, or the index of the class among the labels; null when the row has no
/// label.</param>
public sealed record Example(string Text, string? TextPair = null, double? Target = null)
{
    /// <summary>The text that a model is to write.</summary>
    /// <value>Null: the row has no such text.</value>
    public string? TargetText { get; init; }

    /// <summary>The target as the index of a class.</summary>
    /// <exception cref="InvalidOperationException">The row has no label.</exception>
    public int ClassIndex => (int)(Target ?? throw new InvalidOperationException("This row has no label."));
}
