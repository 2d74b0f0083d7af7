using System.Globalization;
using LowRank.Tensors;

namespace LowRank.Completion;

/// <summary>The observed entries of a matrix: coordinates, values, and the ids that the user knows them by.</summary>
/// <remarks>Immutable. An entry may stand once only; every value is finite. 16 bytes per entry.</remarks>
public sealed class ObservedMatrix
{
    private readonly int[] _rows;
    private readonly int[] _columns;
    private readonly double[] _values;

    /// <summary>Takes over the arrays; the caller must not change them afterwards.</summary>
    /// <param name="rowCount">Number of rows, at least 1.</param>
    /// <param name="columnCount">Number of columns, at least 1.</param>
    /// <param name="rows">Row of each entry, 0 to <paramref name="rowCount"/> - 1.</param>
    /// <param name="columns">Column of each entry, 0 to <paramref name="columnCount"/> - 1.</param>
    /// <param name="values">Value of each entry, finite.</param>
    /// <param name="rowIds">The user's names of the rows; null when rows are known by their numbers.</param>
    /// <param name="columnIds">The user's names of the columns; null when columns are known by their numbers.</param>
    /// <exception cref="ArgumentException">
    /// Lengths differ, an index is out of range, or a value is not finite.
    /// </exception>
    public ObservedMatrix(
        int rowCount,
        int columnCount,
        int[] rows,
        int[] columns,
        double[] values,
        IdMap? rowIds = null,
        IdMap? columnIds = null)
        : this(rowIds, columnIds, Check.AtLeast(rowCount, 1), Check.AtLeast(columnCount, 1), rows, columns, values)
    {
        Check.That(
            rows.Length == values.Length && columns.Length == values.Length,
            nameof(values),
            $"got {rows.Length} rows, {columns.Length} columns and {values.Length} values; wanted equal lengths.");
        CheckIds(rowIds, rowCount, nameof(rowIds));
        CheckIds(columnIds, columnCount, nameof(columnIds));
        CheckEntries(rowCount, columnCount, rows, columns, values);
    }

    // Parts and turns of a checked matrix need no second check.
    private ObservedMatrix(
        IdMap? rowIds, IdMap? columnIds, int rowCount, int columnCount, int[] rows, int[] columns, double[] values)
    {
        _rows = Check.NotNull(rows);
        _columns = Check.NotNull(columns);
        _values = Check.NotNull(values);
        RowCount = rowCount;
        ColumnCount = columnCount;
        RowIds = rowIds;
        ColumnIds = columnIds;
    }

    /// <summary>Number of rows.</summary>
    public int RowCount { get; }

    /// <summary>Number of columns.</summary>
    public int ColumnCount { get; }

    /// <summary>Number of observed entries.</summary>
    public int Count => _values.Length;

    /// <summary>The observed share of all cells, 0 to 1.</summary>
    public double Density => Count / ((double)RowCount * ColumnCount);

    /// <summary>Row of each entry.</summary>
    public ReadOnlySpan<int> Rows => _rows;

    /// <summary>Column of each entry.</summary>
    public ReadOnlySpan<int> Columns => _columns;

    /// <summary>Value of each entry.</summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>The user's names of the rows; null when rows are known by their numbers, from 0.</summary>
    public IdMap? RowIds { get; }

    /// <summary>The user's names of the columns; null when columns are known by their numbers, from 0.</summary>
    public IdMap? ColumnIds { get; }

    /// <summary>The matrix with rows and columns exchanged; it shares this one's memory.</summary>
    /// <returns>
    /// A matrix of <see cref="ColumnCount"/> rows and <see cref="RowCount"/> columns, entries in this order.
    /// </returns>
    public ObservedMatrix Transpose() => new(ColumnIds, RowIds, ColumnCount, RowCount, _columns, _rows, _values);

    /// <summary>Some of the entries, in a matrix of the same size and the same ids.</summary>
    /// <param name="entries">Places of the entries, each 0 to <see cref="Count"/> - 1 and once only.</param>
    /// <returns>The chosen entries in the given order; it may have none.</returns>
    /// <exception cref="ArgumentException">A place is out of range or stands twice.</exception>
    public ObservedMatrix Subset(ReadOnlySpan<int> entries)
    {
        var taken = new bool[Count];
        foreach (var k in entries)
        {
            var free = (uint)k < (uint)Count && !taken[k];
            Check.That(
                free, nameof(entries), $"got the place {k} outside 0 to {Count - 1} or twice; wanted each place once.");
            taken[k] = true;
        }

        return Gather(entries.Length, entries.ToArray());
    }

    /// <summary>Holds out a random part of the entries, chosen over entries with equal chances.</summary>
    /// <param name="seed">Decides which entries; the same seed gives the same parts.</param>
    /// <param name="heldOut">The share to hold out, above 0 and below 1; rounded to whole entries.</param>
    /// <returns>Both parts, each in this matrix's order of entries.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The share is not inside 0 and 1.</exception>
    /// <exception cref="InvalidOperationException">There are too few entries for two parts of at least one.</exception>
    public ObservedSplit Split(Seed seed, double heldOut)
    {
        Check.Positive(heldOut);
        Check.InRange(heldOut, double.Epsilon, Math.BitDecrement(1.0));
        var wanted = (int)Math.Round(Count * heldOut, MidpointRounding.AwayFromZero);
        if (wanted < 1 || wanted > Count - 1)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"holding out {heldOut} of {Count} entries leaves one part empty; wanted at least one entry in each."));
        }

        var chosen = Draw(wanted, seed.For("split"));
        return Part(wanted, k => chosen[k]);
    }

    /// <summary>
    /// Parts the entries into folds at random; each fold is held out once. Sizes differ by one at most.
    /// </summary>
    /// <param name="count">Number of folds, 2 to <see cref="Count"/>.</param>
    /// <param name="seed">Decides which entry falls into which fold.</param>
    /// <returns>One split per fold, made when it is reached, so that only one is in memory at a time.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// There are fewer than two folds or more folds than entries.
    /// </exception>
    public IEnumerable<ObservedSplit> Folds(int count, Seed seed)
    {
        Check.InRange(Check.AtLeast(count, 2), 2, Math.Max(2, Count));
        var fold = new int[Count];
        for (var k = 0; k < fold.Length; k++)
        {
            fold[k] = k % count;
        }

        seed.For("folds").Random().Shuffle(fold);
        return Enumerable.Range(0, count).Select(f => Part(fold.Count(x => x == f), k => fold[k] == f));
    }

    /// <summary>Draws so many entries, every choice equally likely.</summary>
    internal bool[] Draw(int wanted, Seed seed)
    {
        // Selection sampling (Knuth 3.4.2, algorithm S): an exact number, one pass, the order kept.
        var random = seed.Random();
        var chosen = new bool[Count];
        for (var k = 0; wanted > 0; k++)
        {
            if (random.NextDouble() * (Count - k) < wanted)
            {
                chosen[k] = true;
                wanted--;
            }
        }

        return chosen;
    }

    private ObservedSplit Part(int heldOut, Func<int, bool> isHeldOut)
    {
        var test = new int[heldOut];
        var train = new int[Count - heldOut];
        var a = 0;
        var b = 0;
        for (var k = 0; k < Count; k++)
        {
            if (isHeldOut(k))
            {
                test[a++] = k;
            }
            else
            {
                train[b++] = k;
            }
        }

        return new ObservedSplit(Gather(train.Length, train), Gather(test.Length, test));
    }

    private ObservedMatrix Gather(int count, int[] entries)
    {
        var columns = new int[count];
        var values = new double[count];
        for (var j = 0; j < count; j++)
        {
            columns[j] = _columns[entries[j]];
            values[j] = _values[entries[j]];
        }

        // The list of places becomes the list of rows: no third array is needed.
        for (var j = 0; j < count; j++)
        {
            entries[j] = _rows[entries[j]];
        }

        return new ObservedMatrix(RowIds, ColumnIds, RowCount, ColumnCount, entries, columns, values);
    }

    private static void CheckIds(IdMap? ids, int count, string name) => Check.That(
        ids is null || ids.Count == count, name, $"got {ids?.Count} ids for {count} rows or columns; wanted one each.");

    private static void CheckEntries(int rowCount, int columnCount, int[] rows, int[] columns, double[] values)
    {
        for (var k = 0; k < values.Length; k++)
        {
            var inside = (uint)rows[k] < (uint)rowCount && (uint)columns[k] < (uint)columnCount;
            if (!inside || !double.IsFinite(values[k]))
            {
                throw new ArgumentException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"entry {k}: got row {rows[k]}, column {columns[k]}, value {values[k]}; wanted a finite value "
                        + $"inside {rowCount} x {columnCount}."),
                    nameof(values));
            }
        }
    }
}
