namespace LowRank.FineTuning.Data;

/// <summary>Rows that were not kept, and why.</summary>
/// <param name="Reason">What was wrong with them.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Lines">Where the first of them are: lines of a text file, else rows from 1.</param>
public sealed record DroppedRows(string Reason, int Count, IReadOnlyList<long> Lines);
