namespace LowRank.FineTuning.Data;

/// <summary>The columns to read.</summary>
/// <param name="Text">The text's.</param>
/// <param name="Pair">The second text's; null when there is none.</param>
/// <param name="Label">The label's; null when none is read.</param>
/// <param name="Notes">What was guessed.</param>
internal sealed record ColumnChoice(string Text, string? Pair, string? Label, IReadOnlyList<string> Notes);
