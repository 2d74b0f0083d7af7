namespace LowRank.Completion.Input;

/// <summary>Finds and settles entries that stand for the same row and column.</summary>
internal static class DuplicateEntries
{
    /// <summary>Whether any cell has two entries.</summary>
    /// <remarks>
    /// The columns are sorted into rows by counting, then each row is gone through with a table of the row that each
    /// column was last seen in. Four bytes per entry; every thread has its own range of rows.
    /// </remarks>
    public static bool Exist(
        ReadOnlySpan<int> rows, ReadOnlySpan<int> columns, int rowCount, int columnCount, int threads)
    {
        if (rows.Length < 2)
        {
            return false;
        }

        // The tables take 4 bytes per row and column: too much where a huge matrix holds few entries.
        var limit = 1_000_000 + (8L * rows.Length);
        if (rowCount > limit || columnCount > limit)
        {
            return AnyRepeated(SortedCells(rows, columns, columnCount, out _));
        }

        var starts = new int[rowCount + 1];
        foreach (var row in rows)
        {
            starts[row + 1]++;
        }

        for (var row = 0; row < rowCount; row++)
        {
            starts[row + 1] += starts[row];
        }

        return ExistSorted(rows, columns, starts, columnCount, threads);
    }

    /// <summary>The first entry in file order that repeats an earlier one, and that earlier one.</summary>
    public static (int First, int Again) FirstPair(ReadOnlySpan<int> rows, ReadOnlySpan<int> columns, int columnCount)
    {
        var cells = SortedCells(rows, columns, columnCount, out var order);
        var best = (First: 0, Again: int.MaxValue);
        for (var (from, to) = (0, 0); from < cells.Length; from = to)
        {
            to = EndOfCell(cells, from);
            if (to - from < 2)
            {
                continue;
            }

            var places = order[from..to];
            Array.Sort(places);
            best = places[1] < best.Again ? (places[0], places[1]) : best;
        }

        return best;
    }

    /// <summary>Leaves one value per cell, at the place of its first entry.</summary>
    /// <returns>The remaining entries in file order.</returns>
    public static (int[] Rows, int[] Columns, double[] Values) Settle(
        int[] rows, int[] columns, double[] values, int columnCount, DuplicatePolicy policy)
    {
        var cells = SortedCells(rows, columns, columnCount, out var order);
        var drop = new bool[rows.Length];
        var dropped = 0;
        for (var (from, to) = (0, 0); from < cells.Length; from = to)
        {
            to = EndOfCell(cells, from);
            if (to - from < 2)
            {
                continue;
            }

            var places = order[from..to];
            Array.Sort(places);
            values[places[0]] = policy == DuplicatePolicy.KeepLast
                ? values[places[^1]]
                : MeanOf(values, places);
            foreach (var k in places.AsSpan(1))
            {
                drop[k] = true;
                dropped++;
            }
        }

        return (Without(rows, drop, dropped), Without(columns, drop, dropped), Without(values, drop, dropped));
    }

    // The sum of huge values may overflow where their mean does not.
    private static double MeanOf(double[] values, int[] places)
    {
        var mean = places.Sum(k => values[k]) / places.Length;
        return double.IsFinite(mean) ? mean : places.Sum(k => values[k] / places.Length);
    }

    private static unsafe bool ExistSorted(
        ReadOnlySpan<int> rows, ReadOnlySpan<int> columns, int[] starts, int columnCount, int threads)
    {
        var count = rows.Length;
        var sorted = GC.AllocateUninitializedArray<int>(count);
        var found = false;
        fixed (int* r = rows, c = columns)
        {
            var rowsAt = r;
            var columnsAt = c;
            Parallel.For(0, threads, t =>
            {
                var low = RowAt(starts, (long)count * t / threads);
                var high = RowAt(starts, (long)count * (t + 1) / threads);
                var next = starts[low..high];
                for (var k = 0; k < count; k++)
                {
                    var row = rowsAt[k] - low;
                    if ((uint)row < (uint)next.Length)
                    {
                        sorted[next[row]++] = columnsAt[k];
                    }
                }

                if (AnyTwice(sorted, starts, low, high, columnCount))
                {
                    Volatile.Write(ref found, true);
                }
            });
        }

        return found;
    }

    private static bool AnyTwice(int[] sorted, int[] starts, int low, int high, int columnCount)
    {
        var seenIn = new int[columnCount];
        for (var row = low; row < high; row++)
        {
            foreach (var column in sorted.AsSpan(starts[row]..starts[row + 1]))
            {
                if (seenIn[column] == row + 1)
                {
                    return true;
                }

                seenIn[column] = row + 1;
            }
        }

        return false;
    }

    // The first row that starts at or behind an entry of the sorted order.
    private static int RowAt(int[] starts, long entry)
    {
        if (entry >= starts[^1])
        {
            return starts.Length - 1;
        }

        var row = Array.BinarySearch(starts, (int)entry);
        row = row < 0 ? ~row : row;
        while (row > 0 && starts[row - 1] == entry)
        {
            row--;
        }

        return row;
    }

    private static long[] SortedCells(
        ReadOnlySpan<int> rows, ReadOnlySpan<int> columns, int columnCount, out int[] order)
    {
        var cells = new long[rows.Length];
        order = new int[rows.Length];
        for (var k = 0; k < cells.Length; k++)
        {
            cells[k] = ((long)rows[k] * columnCount) + columns[k];
            order[k] = k;
        }

        Array.Sort(cells, order);
        return cells;
    }

    private static bool AnyRepeated(long[] cells)
    {
        for (var k = 1; k < cells.Length; k++)
        {
            if (cells[k] == cells[k - 1])
            {
                return true;
            }
        }

        return false;
    }

    private static int EndOfCell(long[] cells, int from)
    {
        var to = from + 1;
        while (to < cells.Length && cells[to] == cells[from])
        {
            to++;
        }

        return to;
    }

    private static T[] Without<T>(T[] items, bool[] drop, int dropped)
    {
        var kept = new T[items.Length - dropped];
        var length = 0;
        for (var k = 0; k < items.Length; k++)
        {
            if (!drop[k])
            {
                kept[length++] = items[k];
            }
        }

        return kept;
    }
}
