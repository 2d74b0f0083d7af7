namespace LowRank.Completion.Input;

/// <summary>All entries of a delimited text, in file order, and what was met on the way.</summary>
/// <param name="Rows">Row of each entry.</param>
/// <param name="Columns">Column of each entry.</param>
/// <param name="Values">Value of each entry.</param>
/// <param name="RowIds">The row ids; null where the file numbers its rows.</param>
/// <param name="ColumnIds">The column ids; null where the file numbers its columns.</param>
internal sealed record EntryTable(int[] Rows, int[] Columns, double[] Values, IdMap? RowIds, IdMap? ColumnIds)
{
    /// <summary>Number of lines without text.</summary>
    public long BlankLines { get; init; }

    /// <summary>Number of lines left out.</summary>
    public long BadLines { get; init; }

    /// <summary>What was wrong with the first ten of them.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>
    /// The blocks that the entries came in, in file order; their memory is gone, their lines are known.
    /// </summary>
    public IReadOnlyList<EntryBlock> Blocks { get; init; } = [];

    /// <summary>The line on which an entry stands; for messages.</summary>
    public long LineOf(int entry)
    {
        var block = Blocks.Last(b => b.Offset <= entry && b.Count > 0);
        return entry < block.Offset + block.Count ? block.LineOf(entry - block.Offset) : LineOf(OriginOf(entry));
    }

    // Behind the entries of the file stand the mirrored ones of a symmetric matrix, one for each off the diagonal.
    private int OriginOf(int mirrored)
    {
        var origin = -1;
        for (var left = mirrored - Blocks.Sum(b => b.Count); left >= 0; left -= Rows[origin] != Columns[origin] ? 1 : 0)
        {
            origin++;
        }

        return origin;
    }
}
