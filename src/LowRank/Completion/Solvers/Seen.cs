namespace LowRank.Completion.Solvers;

/// <summary>Which columns each row had observations in, ascending.</summary>
internal sealed record Seen(int[] Starts, int[] Columns)
{
    public static Seen Of(ObservedMatrix data)
    {
        var starts = new int[data.RowCount + 1];
        foreach (var row in data.Rows)
        {
            starts[row + 1]++;
        }

        for (var i = 0; i < data.RowCount; i++)
        {
            starts[i + 1] += starts[i];
        }

        var next = starts[..^1];
        var columns = new int[data.Count];
        for (var k = 0; k < data.Count; k++)
        {
            columns[next[data.Rows[k]]++] = data.Columns[k];
        }

        for (var i = 0; i < data.RowCount; i++)
        {
            Array.Sort(columns, starts[i], starts[i + 1] - starts[i]);
        }

        return new(starts, columns);
    }

    /// <summary>The columns of one row.</summary>
    public ReadOnlySpan<int> Of(int row) => Columns.AsSpan(Starts[row]..Starts[row + 1]);
}
