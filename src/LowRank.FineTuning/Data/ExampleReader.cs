using LowRank.Tensors;

namespace LowRank.FineTuning.Data;

/// <summary>Reads examples from CSV, TSV, JSON lines, JSON and Parquet files.</summary>
/// <remarks>
/// Columns are those asked for, a task's, or the obvious ones; <see cref="DataReport.Notes"/> says what was guessed.
/// Blanks around labels do not count. Rows without any text and rows without a label are dropped and reported; every
/// other fault is an error with its line. Files must be UTF-8, or say by a byte-order mark what they are.
/// </remarks>
public static class ExampleReader
{
    private const string NoText = "without a text";
    private const string NoLabel = "without a label";
    private const string NoSource = "without a source";
    private const string NoTarget = "without a target";
    private const string TooShort = "with fewer fields than the header";

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The columns and labels; null guesses them.</param>
    /// <returns>The examples and the report.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ArgumentException">The file's name says no format and none is given.</exception>
    /// <exception cref="InvalidDataException">The file is malformed, a column does not exist or cannot be guessed, a
    /// label is not of the classes, or no row is left.</exception>
    public static ExampleSet Read(string path, ExampleReaderOptions? options = null)
    {
        options ??= new();
        var format = options.Format ?? DataFormats.Of(Check.NotBlank(path));
        using var source = RowSources.Open(path, format, options);
        return Read(source, path, format, options);
    }

    /// <summary>Reads from an open text.</summary>
    /// <param name="text">The text; disposed when read.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <param name="format">Its format; anything but Parquet.</param>
    /// <param name="options">The columns and labels; null guesses them.</param>
    /// <returns>The examples and the report.</returns>
    /// <exception cref="InvalidDataException">As for a file.</exception>
    public static ExampleSet Read(
        TextReader text, string source, DataFormat format, ExampleReaderOptions? options = null)
    {
        options ??= new();
        using var rows = RowSources.Open(Check.NotNull(text), Check.NotBlank(source), format, options);
        return Read(rows, source, format, options);
    }

    /// <summary>Reads the texts of a file one by one, without labels: what to predict for.</summary>
    /// <remarks>The columns are chosen by the first row. No row is dropped, so that answers can be lined up.</remarks>
    /// <param name="path">The file.</param>
    /// <param name="options">The columns; labels are ignored.</param>
    /// <returns>The examples, read as they are asked for; the file is open until the last.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is malformed, or a column does not exist.</exception>
    public static IEnumerable<Example> ReadTexts(string path, ExampleReaderOptions? options = null)
    {
        options = (options ?? new()) with { WithLabels = false };
        var format = options.Format ?? DataFormats.Of(Check.NotBlank(path));
        return ReadTexts(() => RowSources.Open(path, format, options), path, options);
    }

    /// <summary>Reads the texts of an open text one by one, such as the standard input.</summary>
    /// <param name="text">The text; disposed after the last example.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <param name="format">Its format; a JSON list is read whole, the others line by line; not Parquet.</param>
    /// <param name="options">The columns; labels are ignored.</param>
    /// <returns>The examples, read as they are asked for.</returns>
    /// <exception cref="InvalidDataException">The text is malformed, or a column does not exist.</exception>
    public static IEnumerable<Example> ReadTexts(
        TextReader text, string source, DataFormat format, ExampleReaderOptions? options = null)
    {
        Check.NotNull(text);
        options = (options ?? new()) with { WithLabels = false };
        return ReadTexts(() => RowSources.Open(text, source, format, options), source, options);
    }

    private static IEnumerable<Example> ReadTexts(
        Func<RowSource> open, string source, ExampleReaderOptions options)
    {
        using var rows = open();
        RowReading? reading = null;
        foreach (var row in rows.ReadRows())
        {
            reading ??= new(rows, source, ColumnGuess.Choose(source, rows.Columns, options));
            yield return reading.WholeExampleOf(row);
        }
    }

    private static ExampleSet Read(RowSource source, string name, DataFormat format, ExampleReaderOptions options)
    {
        var rows = source.ReadRows().ToList();
        var count = rows.Count + source.ShortRows.Count;
        if (count == 0)
        {
            throw new InvalidDataException($"{name}: no rows; wanted at least one example.");
        }

        var columns = ColumnGuess.Choose(name, source.Columns, options);
        var kind = options.Kind ?? options.Task?.Kind;
        var known = options.Labels ?? options.Task?.Labels
            ?? (columns.Label is null ? null : source.LabelsOf(columns.Label));
        var drops = new DropLog();
        source.ShortRows.ForEach(line => drops.Add(TooShort, line));
        var (examples, labels) = Keep(rows, new(source, name, columns), options, known, drops);
        if (examples.Count == 0)
        {
            throw NoneLeft(name, count, drops);
        }

        var labelling = columns.Label is null ? null : LabelReading.Read(name, source.Unit, labels, kind, known);
        var repeats = labelling is null || kind == LabelKind.Texts ? null : RepeatedTexts.Within(examples, labels, source.Unit);
        var report = new DataReport
        {
            Source = name,
            Format = format,
            Rows = count,
            Dropped = drops.ToList(),
            TextColumn = columns.Text,
            TextPairColumn = columns.Pair,
            LabelColumn = columns.Label,
            Notes = [.. source.Notes, .. columns.Notes, .. labelling?.Notes ?? [], .. repeats is null ? (string[])[] : [repeats]],
        };
        return new(
            labelling?.Label(examples) ?? examples, labelling?.Kind ?? LabelKind.None, labelling?.Labels, report);
    }

    private static (List<Example> Examples, List<(long Line, string Label)> Labels) Keep(
        List<Row> rows, RowReading reading, ExampleReaderOptions options, ClassLabels? known, DropLog drops)
    {
        var texts = (options.Kind ?? options.Task?.Kind) == LabelKind.Texts;
        var examples = new List<Example>(rows.Count);
        var labels = new List<(long Line, string Label)>(rows.Count);
        foreach (var row in rows)
        {
            var example = reading.ExampleOf(row);
            var label = reading.LabelOf(row);
            if (options.WithLabels && string.IsNullOrWhiteSpace(example.Text + example.TextPair))
            {
                drops.Add(texts ? NoSource : NoText, row.Line);
            }
            else if (options.WithLabels && (label is null || (!texts && reading.StandsForNone(label, known, options.Task))))
            {
                drops.Add(texts ? NoTarget : NoLabel, row.Line);
            }
            else
            {
                examples.Add(example);
                labels.Add((row.Line, label ?? ""));
            }
        }

        return (examples, labels);
    }

    private static InvalidDataException NoneLeft(string name, int count, DropLog drops)
    {
        var reasons = string.Join(", ", drops.ToList().Select(dropped => $"{dropped.Count} {dropped.Reason}"));
        return new(
            $"{name}: none of {count} rows is left ({reasons}); wanted rows with a text and a label. The test files of "
            + "benchmarks have no labels: take the validation file.");
    }
}
