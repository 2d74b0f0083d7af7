using LowRank.Tensors;

namespace LowRank.Completion;

/// <summary>The observed entries of a matrix: coordinates, values, and the ids that the user knows them by.</summary>
/// <remarks>Immutable. An entry may stand once only; every value is finite.</remarks>
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
    /// <exception cref="ArgumentException">Lengths differ, an index is out of range, or a value is not finite.</exception>
    public ObservedMatrix(
        int rowCount,
        int columnCount,
        int[] rows,
        int[] columns,
        double[] values,
        IdMap? rowIds = null,
        IdMap? columnIds = null)
    {
        RowCount = Check.AtLeast(rowCount, 1);
        ColumnCount = Check.AtLeast(columnCount, 1);
        _rows = Check.NotNull(rows);
        _columns = Check.NotNull(columns);
        _values = Check.NotNull(values);
        RowIds = rowIds;
        ColumnIds = columnIds;
        Check.That(
            rows.Length == values.Length && columns.Length == values.Length,
            nameof(values),
            $"got {rows.Length} rows, {columns.Length} columns and {values.Length} values; wanted equal lengths.");
        for (var k = 0; k < values.Length; k++)
        {
            var inside = (uint)rows[k] < (uint)rowCount && (uint)columns[k] < (uint)columnCount;
            if (!inside || !double.IsFinite(values[k]))
            {
                throw new ArgumentException(
                    $"entry {k}: got row {rows[k]}, column {columns[k]}, value {values[k]}; wanted a finite value "
                    + $"inside {rowCount} x {columnCount}.",
                    nameof(values));
            }
        }
    }

    /// <summary>Number of rows.</summary>
    public int RowCount { get; }

    /// <summary>Number of columns.</summary>
    public int ColumnCount { get; }

    /// <summary>Number of observed entries.</summary>
    public int Count => _values.Length;

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
}
