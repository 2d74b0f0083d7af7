using System.Globalization;
using System.Text;
using CsvHelper;

namespace LowRank.FineTuning.Data;

/// <summary>The rows of a CSV or TSV file.</summary>
internal sealed class DelimitedRows : RowSource
{
    private const int LargestRow = 1 << 26;

    private readonly string _source;
    private readonly CsvReader _reader;
    private readonly List<string> _columns = [];
    private readonly bool _endsWithGoldLabel;
    private readonly bool _dropsShortRows;
    private readonly string[]? _first;
    private readonly long _firstLine;

    /// <summary>Reads the first line.</summary>
    /// <exception cref="InvalidDataException">The file is empty or malformed.</exception>
    public DelimitedRows(TextReader text, string source, DataFormat format, ExampleReaderOptions options)
    {
        _source = source;
        _dropsShortRows = options.Task is not null;
        var quotes = format == DataFormat.Csv || options.QuotedTsv;
        _reader = CsvReader.Create(text, new CsvReaderOptions
        {
            HasHeader = false,
            Separator = format == DataFormat.Tsv ? '\t' : null,
            Mode = quotes ? CsvMode.Rfc4180 : CsvMode.NoEscape,
            TrackLineNumbers = true,
            MaxRecordSize = LargestRow,
            OnMalformedRecord = quotes ? Refuse : null,
        });
        if (!Advance())
        {
            throw new InvalidDataException($"{source}: no rows; wanted a line of column names and rows below it.");
        }

        var cells = Cells();
        if (options.HasHeader && !LacksHeader(cells, options.Task))
        {
            AddHeader(cells);
        }
        else
        {
            _columns.AddRange(Enumerable.Range(1, cells.Length)
                .Select(number => number.ToString(CultureInfo.InvariantCulture)));
            (_first, _firstLine) = (cells, _reader.LineNumber);
        }

        if (format == DataFormat.Csv && _reader.Separator != ',' && _columns.Count > 1)
        {
            Notes.Add($"the columns are separated by '{(_reader.Separator == '\t' ? "tab" : _reader.Separator)}'");
        }

        _endsWithGoldLabel = _columns[^1] == "gold_label";
    }

    public override string Unit => "line";

    public override IReadOnlyList<string> Columns => _columns;

    public override ClassLabels? LabelsOf(string column) => null;

    public override IEnumerable<Row> ReadRows()
    {
        if (_first is not null)
        {
            yield return new(_firstLine, _first);
        }

        var extended = 0;
        while (Advance())
        {
            var cells = Cells();
            if (cells.Length == _columns.Count)
            {
                yield return new(_reader.LineNumber, cells);
            }
            else if (cells.Length > _columns.Count && _endsWithGoldLabel)
            {
                // SNLI and MNLI add each annotator's label before the agreed one, to some rows only.
                cells[_columns.Count - 1] = cells[^1];
                extended++;
                yield return new(_reader.LineNumber, cells);
            }
            else if (cells.Length < _columns.Count && _dropsShortRows)
            {
                ShortRows.Add(_reader.LineNumber);
            }
            else
            {
                throw new InvalidDataException(
                    $"{_source}, line {_reader.LineNumber}: {cells.Length} fields; wanted {_columns.Count}, one for "
                    + $"each column ({ColumnList.Of(_columns)}). A field with a separator in it needs quotes.");
            }
        }

        if (extended > 0)
        {
            Notes.Add($"{extended} rows have more fields than the header; their gold_label is the last");
        }
    }

    public override void Dispose() => _reader.Dispose();

    // GLUE's only file without a header is CoLA's: four columns, the second of them the label.
    private static bool LacksHeader(string[] cells, GlueTask? task) =>
        task?.HeaderlessColumns == cells.Length && cells[1] is "0" or "1";

    private void AddHeader(string[] names)
    {
        foreach (var name in names)
        {
            var column = name.Trim().TrimStart('\ufeff');
            if (column.Length > 0 && _columns.Contains(column))
            {
                throw new InvalidDataException(
                    $"{_source}: two columns are named '{column}'; wanted each name once.");
            }

            _columns.Add(column);
        }
    }

    private bool Advance()
    {
        try
        {
            return _reader.Read();
        }
        catch (DecoderFallbackException fault)
        {
            throw TextFiles.NotUtf8(_source, fault);
        }
        catch (CsvFormatException fault)
        {
            throw new InvalidDataException($"{_source}, line {fault.LineNumber}: {fault.Message}", fault);
        }
    }

    private string[] Cells() => _reader.Current.ToArray();

    // Stray quotes are kept as text; a quote that is never closed would swallow every row below it.
    private void Refuse(CsvMalformedRecord record)
    {
        if (record.Reason == CsvMalformedReason.UnterminatedQuote)
        {
            throw new InvalidDataException(
                $"{_source}, line {record.LineNumber}: a quote opens a field and none closes it; wanted the closing "
                + "quote, or a TSV file, where quotes are plain characters.");
        }
    }
}
