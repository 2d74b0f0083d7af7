namespace LowRank.Completion.Input;

/// <summary>Pairs of a row id and a column id whose value is asked for, in the order of their file.</summary>
/// <remarks>
/// A pair may stand more than once. The indices belong to the two maps here, not to those of a model.
/// </remarks>
/// <param name="RowIds">The distinct row ids, by first appearance.</param>
/// <param name="ColumnIds">The distinct column ids, by first appearance.</param>
/// <param name="Rows">Index of each pair's row id.</param>
/// <param name="Columns">Index of each pair's column id.</param>
/// <param name="Report">What was found and guessed; its values are 0.</param>
public sealed record IdPairs(
    IdMap RowIds, IdMap ColumnIds, IReadOnlyList<int> Rows, IReadOnlyList<int> Columns, ReadReport Report)
{
    /// <summary>Number of pairs.</summary>
    public int Count => Rows.Count;
}
