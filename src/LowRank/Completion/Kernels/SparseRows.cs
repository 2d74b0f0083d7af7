using System.Numerics;

namespace LowRank.Completion.Kernels;

/// <summary>Observed entries grouped by row; the transpose groups them by column.</summary>
/// <remarks>
/// Inside a row the entries to learn from come first and the held-out ones last, so that one copy of the data serves
/// training, early stopping and, once that is over, learning from all of it.
/// </remarks>
internal sealed class SparseRows<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Row i learns from [bounds[2i], bounds[2i + 1]) and holds out [bounds[2i + 1], bounds[2i + 2]).
    private readonly int[] _bounds;

    private SparseRows(int width, int[] bounds, int[] indices, T[] values)
    {
        _bounds = bounds;
        Width = width;
        Indices = indices;
        Values = values;
    }

    /// <summary>Number of rows.</summary>
    public int Count => _bounds.Length / 2;

    /// <summary>Number of columns.</summary>
    public int Width { get; }

    /// <summary>Column of each entry.</summary>
    public int[] Indices { get; }

    /// <summary>Value of each entry.</summary>
    public T[] Values { get; }

    /// <summary>Groups the entries of a matrix by row.</summary>
    /// <param name="matrix">The entries.</param>
    /// <param name="scale">How values are centred and scaled.</param>
    /// <param name="heldOut">Which entries are held out; null for none.</param>
    public static SparseRows<T> From(ObservedMatrix matrix, ValueScale scale, bool[]? heldOut = null)
    {
        var rows = matrix.Rows;
        var columns = matrix.Columns;
        var values = matrix.Values;
        var bounds = new int[(2 * matrix.RowCount) + 1];
        for (var k = 0; k < rows.Length; k++)
        {
            bounds[(2 * rows[k]) + (heldOut is not null && heldOut[k] ? 2 : 1)]++;
        }

        var next = Accumulate(bounds);
        var indices = new int[rows.Length];
        var grouped = new T[rows.Length];
        for (var k = 0; k < rows.Length; k++)
        {
            var to = next[(2 * rows[k]) + (heldOut is not null && heldOut[k] ? 1 : 0)]++;
            indices[to] = columns[k];
            grouped[to] = T.CreateTruncating(scale.Apply(values[k]));
        }

        return new(matrix.ColumnCount, bounds, indices, grouped);
    }

    /// <summary>Where the entries of a row begin.</summary>
    public int Start(int row) => _bounds[2 * row];

    /// <summary>Where the entries that a row learns from end, and its held-out ones begin.</summary>
    public int End(int row) => _bounds[(2 * row) + 1];

    /// <summary>Where the held-out entries of a row end.</summary>
    public int HeldOutEnd(int row) => _bounds[(2 * row) + 2];

    /// <summary>Number of entries to learn from.</summary>
    public int TrainingCount() => Enumerable.Range(0, Count).Sum(i => End(i) - Start(i));

    /// <summary>The same entries grouped by column, in ascending row order.</summary>
    public SparseRows<T> Transpose()
    {
        var bounds = new int[(2 * Width) + 1];
        for (var i = 0; i < Count; i++)
        {
            for (int k = Start(i), held = End(i), end = HeldOutEnd(i); k < end; k++)
            {
                bounds[(2 * Indices[k]) + (k < held ? 1 : 2)]++;
            }
        }

        var next = Accumulate(bounds);
        var indices = new int[Indices.Length];
        var values = new T[Values.Length];
        for (var i = 0; i < Count; i++)
        {
            for (int k = Start(i), held = End(i), end = HeldOutEnd(i); k < end; k++)
            {
                var to = next[(2 * Indices[k]) + (k < held ? 0 : 1)]++;
                indices[to] = i;
                values[to] = Values[k];
            }
        }

        return new(Count, bounds, indices, values);
    }

    /// <summary>The same entries in the same places, with a part of each taken off: value - row part - column part.</summary>
    public SparseRows<T> Subtract(Func<int, double> rowPart, Func<int, double> columnPart)
    {
        var columnParts = new double[Width];
        for (var j = 0; j < Width; j++)
        {
            columnParts[j] = columnPart(j);
        }

        var values = new T[Values.Length];
        for (var i = 0; i < Count; i++)
        {
            var part = rowPart(i);
            for (int k = Start(i), end = HeldOutEnd(i); k < end; k++)
            {
                values[k] = Values[k] - T.CreateTruncating(part + columnParts[Indices[k]]);
            }
        }

        return new(Width, _bounds, Indices, values);
    }

    /// <summary>The same entries, none held out any more.</summary>
    public SparseRows<T> WithoutHoldOut()
    {
        var bounds = (int[])_bounds.Clone();
        for (var i = 0; i < Count; i++)
        {
            bounds[(2 * i) + 1] = bounds[(2 * i) + 2];
        }

        return new(Width, bounds, Indices, Values);
    }

    // Turns counts, stored one place further on, into starts; returns a copy that serves as write positions.
    private static int[] Accumulate(int[] bounds)
    {
        for (var b = 1; b < bounds.Length; b++)
        {
            bounds[b] += bounds[b - 1];
        }

        return (int[])bounds.Clone();
    }
}
