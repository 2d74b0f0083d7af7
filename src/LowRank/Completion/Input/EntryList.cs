namespace LowRank.Completion.Input;

/// <summary>Entries collected one by one from a dense file.</summary>
internal sealed class EntryList(string file, RatingsOptions options)
{
    private readonly double _minimum = options.Minimum ?? double.MinValue;
    private readonly double _maximum = options.Maximum ?? double.MaxValue;
    private int[] _rows = new int[256];
    private int[] _columns = new int[256];
    private double[] _values = new double[256];

    public int Count { get; private set; }

    /// <summary>Adds a cell; a NaN is missing and adds nothing.</summary>
    /// <param name="row">Its row, from 0.</param>
    /// <param name="column">Its column, from 0.</param>
    /// <param name="value">Its value.</param>
    /// <param name="line">Its line for messages; 0 for binary files.</param>
    /// <exception cref="InvalidDataException">
    /// The value is infinite or outside the range that the caller allows.
    /// </exception>
    public void Add(int row, int column, double value, long line = 0)
    {
        if (double.IsNaN(value))
        {
            return;
        }

        if (!(value >= _minimum && value <= _maximum))
        {
            var finite = double.IsFinite(value);
            var where = $"row {row + 1}, column {column + 1}";
            throw InputFault.Of(
                line > 0 ? $"{file}, line {line}, {where}" : $"{file}, {where}",
                FormattableString.Invariant($"{value}"),
                finite
                    ? FormattableString.Invariant($"a value from {_minimum} to {_maximum}")
                    : "a finite number or NaN",
                finite ? "mend it, or allow a wider range" : "mend it, or write NaN where the value is missing");
        }

        if (Count == _values.Length)
        {
            Grow();
        }

        _rows[Count] = row;
        _columns[Count] = column;
        _values[Count++] = value;
    }

    /// <summary>The collected entries as a matrix.</summary>
    /// <exception cref="InvalidDataException">There are none.</exception>
    public ObservedMatrix ToMatrix(int rows, int columns, IdMap? rowIds = null, IdMap? columnIds = null)
    {
        if (Count == 0)
        {
            throw InputFault.Of(
                file,
                $"{rows} x {columns} cells without a value",
                "at least one value",
                "check that the export finished");
        }

        Array.Resize(ref _rows, Count);
        Array.Resize(ref _columns, Count);
        Array.Resize(ref _values, Count);
        return new ObservedMatrix(rows, columns, _rows, _columns, _values, rowIds, columnIds);
    }

    private void Grow()
    {
        var size = (int)Math.Min(Array.MaxLength, 2L * Count);
        if (size == Count)
        {
            throw InputFault.Of(file, $"more than {Count} values", "fewer", "read the matrix in parts");
        }

        Array.Resize(ref _rows, size);
        Array.Resize(ref _columns, size);
        Array.Resize(ref _values, size);
    }
}
