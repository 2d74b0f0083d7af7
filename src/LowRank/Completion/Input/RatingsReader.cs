using LowRank.Tensors;

namespace LowRank.Completion.Input;

/// <summary>
/// Reads files of observed entries: delimited text, MatrixMarket, dense matrices, grey images; gzip of each.
/// </summary>
/// <remarks>
/// Nothing is skipped or mended in silence: what cannot be read ends in a message with file, line and field, and what
/// was guessed stands in the <see cref="ReadReport"/>. A delimited text is parsed at several million lines a second on
/// each thread; beyond the result it needs a few megabytes, and about four bytes per entry to look for duplicates.
/// </remarks>
public static class RatingsReader
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How to read it; the defaults when null.</param>
    /// <param name="cancellation">Ends the reading early.</param>
    /// <returns>The observed entries and a report.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file cannot be read as asked; the message says where and why.
    /// </exception>
    /// <exception cref="ArgumentException">The options contradict themselves or the form of the file.</exception>
    /// <exception cref="InvalidOperationException">There are too few entries to hide the share asked for.</exception>
    /// <exception cref="IOException">The disk fails.</exception>
    /// <exception cref="OperationCanceledException">The caller asked for it.</exception>
    public static RatingsData Read(
        string path, RatingsOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new RatingsOptions();
        options.Validate();
        using var source = InputSource.Open(Check.NotBlank(path));
        return Read(source, options, cancellation);
    }

    /// <summary>Reads a stream from where it stands to its end, and closes it.</summary>
    /// <param name="stream">The contents of a file of any of the forms.</param>
    /// <param name="name">How messages name the stream.</param>
    /// <param name="options">How to read it; the defaults when null.</param>
    /// <param name="cancellation">Ends the reading early.</param>
    /// <returns>The observed entries and a report.</returns>
    /// <exception cref="InvalidDataException">The contents cannot be read as asked.</exception>
    /// <exception cref="ArgumentException">The options contradict themselves or the form of the contents.</exception>
    /// <exception cref="InvalidOperationException">There are too few entries to hide the share asked for.</exception>
    public static RatingsData Read(
        Stream stream, string name, RatingsOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new RatingsOptions();
        options.Validate();
        using var source = InputSource.Open(Check.NotNull(stream), Check.NotBlank(name));
        return Read(source, options, cancellation);
    }

    /// <summary>Reads pairs of row id and column id whose values are asked for; further fields are not used.</summary>
    /// <param name="path">A delimited text of two or more fields.</param>
    /// <param name="options">How to read it; only the options of delimited text count. The defaults when null.</param>
    /// <param name="cancellation">Ends the reading early.</param>
    /// <returns>The pairs in file order, and a report.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file cannot be read as asked.</exception>
    public static IdPairs ReadPairs(
        string path, RatingsOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new RatingsOptions();
        options.Validate();
        using var source = InputSource.Open(Check.NotBlank(path));
        return ReadPairs(source, options, cancellation);
    }

    /// <summary>Reads pairs from a stream to its end, and closes it.</summary>
    /// <param name="stream">A delimited text of two or more fields.</param>
    /// <param name="name">How messages name the stream.</param>
    /// <param name="options">How to read it; the defaults when null.</param>
    /// <param name="cancellation">Ends the reading early.</param>
    /// <returns>The pairs in order, and a report.</returns>
    /// <exception cref="InvalidDataException">The contents cannot be read as asked.</exception>
    public static IdPairs ReadPairs(
        Stream stream, string name, RatingsOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new RatingsOptions();
        options.Validate();
        using var source = InputSource.Open(Check.NotNull(stream), Check.NotBlank(name));
        return ReadPairs(source, options, cancellation);
    }

    private static IdPairs ReadPairs(InputSource source, RatingsOptions options, CancellationToken cancellation)
    {
        var format = FormatSniffer.Find(source, options.Format);
        if (format != RatingsFormat.Delimited)
        {
            throw InputFault.Of(
                source.Name, $"a file of the form {format}", "a delimited text of pairs", "export it as CSV");
        }

        var (table, report) = DelimitedReader.Read(source, options, pairs: true, cancellation);
        var rowIds = table.RowIds ?? new IdMap([]);
        var columnIds = table.ColumnIds ?? new IdMap([]);
        return new IdPairs(rowIds, columnIds, table.Rows, table.Columns, report with
        {
            Entries = table.Rows.Length,
            Rows = rowIds.Count,
            Columns = columnIds.Count,
        });
    }

    private static RatingsData Read(InputSource source, RatingsOptions options, CancellationToken cancellation)
    {
        var format = FormatSniffer.Find(source, options.Format);
        var dense = format is not (RatingsFormat.Delimited or RatingsFormat.MatrixMarket);
        Check.That(
            dense || (options.MaskPath is null && options.Hide == 0),
            nameof(options),
            $"a mask or a hidden share: got the form {format}; wanted an image or a dense matrix (format).");
        return dense
            ? ReadDense(source, format, options, cancellation)
            : ReadList(source, format, options, cancellation);
    }

    private static RatingsData ReadList(
        InputSource source, RatingsFormat format, RatingsOptions options, CancellationToken cancellation)
    {
        EntryTable table;
        ReadReport report;
        int rows;
        int columns;
        if (format == RatingsFormat.MatrixMarket)
        {
            (table, report, rows, columns) = MatrixMarketReader.Read(source, options, cancellation);
        }
        else
        {
            (table, report) = DelimitedReader.Read(source, options, pairs: false, cancellation);
            (rows, columns) = (table.RowIds?.Count ?? 0, table.ColumnIds?.Count ?? 0);
        }

        var before = table.Rows.Length;
        table = DuplicatePolicies.Apply(source.Name, table, report.Fields, rows, columns, options);
        var matrix = new ObservedMatrix(
            rows, columns, table.Rows, table.Columns, table.Values, table.RowIds, table.ColumnIds);
        return new RatingsData(matrix, Measure(matrix, report) with
        {
            Compressed = source.Compressed,
            Duplicates = before - matrix.Count,
            DuplicatePolicy = options.Duplicates,
        });
    }

    private static RatingsData ReadDense(
        InputSource source, RatingsFormat format, RatingsOptions options, CancellationToken cancellation)
    {
        var report = new ReadReport { File = source.Name, Format = format };
        ObservedMatrix matrix;
        switch (format)
        {
            case RatingsFormat.DenseText:
                (matrix, report) = DenseTextReader.Read(source, options, cancellation);
                break;
            case RatingsFormat.Npy:
                matrix = NpyReader.Read(source, options, cancellation);
                break;
            case RatingsFormat.Pgm:
                matrix = PgmReader.Read(source).ToMatrix(source.Name, options);
                break;
            default:
                matrix = PngReader.Read(source).ToMatrix(source.Name, options);
                break;
        }

        matrix = options.MaskPath is { } mask ? Masked(source.Name, matrix, mask) : matrix;
        report = Measure(matrix, report) with { Compressed = source.Compressed };
        if (options.Hide == 0)
        {
            return new RatingsData(matrix, report);
        }

        var parts = matrix.Split(options.Seed, options.Hide);
        return new RatingsData(parts.Train, report with { Hidden = parts.HeldOut.Count }, parts.HeldOut);
    }

    private static ObservedMatrix Masked(string file, ObservedMatrix matrix, string path)
    {
        var mask = GreyImage.Read(path);
        if (mask.Width != matrix.ColumnCount || mask.Height != matrix.RowCount)
        {
            throw InputFault.Of(
                path,
                $"a mask of {mask.Width} x {mask.Height} pixels",
                $"{matrix.ColumnCount} x {matrix.RowCount}, the size of {file}",
                "resize the mask");
        }

        var kept = new List<int>(matrix.Count);
        for (var k = 0; k < matrix.Count; k++)
        {
            if (mask.Pixels[(matrix.Rows[k] * mask.Width) + matrix.Columns[k]] != 0)
            {
                kept.Add(k);
            }
        }

        return kept.Count > 0 ? matrix.Subset(kept.ToArray()) : throw InputFault.Of(
            path, "a mask that hides every value", "some pixels that are not 0", "invert the mask");
    }

    private static ReadReport Measure(ObservedMatrix matrix, ReadReport report)
    {
        var minimum = double.MaxValue;
        var maximum = double.MinValue;
        var mean = 0.0;
        foreach (var value in matrix.Values)
        {
            minimum = Math.Min(minimum, value);
            maximum = Math.Max(maximum, value);

            // Dividing first keeps ratings of 1e308 finite.
            mean += value / matrix.Count;
        }

        return report with
        {
            Entries = matrix.Count,
            Rows = matrix.RowCount,
            Columns = matrix.ColumnCount,
            Minimum = minimum,
            Maximum = maximum,
            Mean = mean,
        };
    }
}
