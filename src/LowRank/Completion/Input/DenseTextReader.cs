using System.Globalization;
using System.Text;

namespace LowRank.Completion.Input;

/// <summary>Reads a whole matrix as delimited text, with or without names of rows and columns.</summary>
internal sealed class DenseTextReader
{
    private const int LongestLine = 1 << 30;

    private readonly InputSource _source;
    private readonly EntryList _entries;
    private readonly Delimiter _delimiter;
    private readonly List<string>? _header;
    private readonly bool _rowNames;
    private readonly List<string> _names = [];
    private readonly List<string> _guesses = [];
    private int _width = -1;
    private int _rows;
    private long _blank;

    private DenseTextReader(InputSource source, RatingsOptions options)
    {
        _source = source;
        _entries = new EntryList(source.Name, options);
        var lines = DelimiterSniffer.Sample(source);
        _delimiter = Delimit(lines, options);
        var first = lines.Count > 0 ? FieldScanner.Split(lines[0], _delimiter) : [""];
        var second = lines.Count > 1 ? FieldScanner.Split(lines[1], _delimiter) : null;
        _header = options.Header ?? GuessHeader(first, second) ? first : null;
        _rowNames = options.RowNames ?? GuessRowNames(_header is null ? first : second);
    }

    // A name behind the first cell can only be a column's. A name in the first cell alone is the corner of a table
    // whose rows are known by numbers, or the name of a row.
    private bool GuessHeader(List<string> first, List<string>? second)
    {
        var corner = first.Count > 1 && !IsCell(first[0]) && !first.Skip(1).Any(f => !IsCell(f));
        if (corner && (second is null || !IsCell(second[0])))
        {
            throw InputFault.At(
                _source.Name,
                1,
                null,
                $"a name and then numbers: {InputFault.Quote(string.Join(_delimiter.Text, first))}",
                "names of columns, or a named row of values",
                "say which it is (header)");
        }

        var header = first.Exists(f => !IsCell(f));
        _guesses.Add(header ? "the first line holds names" : "the first line holds data, not names");
        return header;
    }

    private bool GuessRowNames(List<string>? data)
    {
        var corner = _header is { Count: > 1 }
            && (IsCorner(_header[0]) || (!IsCell(_header[0]) && !_header.Skip(1).Any(f => !IsCell(f))));
        var names = corner || (data is not null && !IsCell(data[0]));
        _guesses.Add(names ? "each line starts with a name" : "each line starts with data, not with a name");
        return names;
    }

    private static bool IsCorner(string name) =>
        name.ToLowerInvariant() is "" or "id" or "index" or "row" or "user" or "userid" or "user_id";

    /// <summary>Reads the matrix.</summary>
    public static (ObservedMatrix Matrix, ReadReport Report) Read(
        InputSource source, RatingsOptions options, CancellationToken cancellation)
    {
        var reader = new DenseTextReader(source, options);
        reader.ReadLines(cancellation);
        var matrix = reader.ToMatrix();
        return (matrix, new ReadReport
        {
            File = source.Name,
            Format = RatingsFormat.DenseText,
            Delimiter = reader._delimiter.Text,
            Header = reader._header,
            Guesses = reader._guesses,
            Lines = source.LinesRead,
            BlankLines = reader._blank,
        });
    }

    private Delimiter Delimit(List<byte[]> lines, RatingsOptions options)
    {
        if (options.Delimiter is { } given)
        {
            return new Delimiter(given);
        }

        // No delimiter at all makes a matrix of one column.
        var delimiter = DelimiterSniffer.Guess(lines, 2) ?? new Delimiter(",");
        _guesses.Add($"cells are parted by {delimiter.Name}");
        return delimiter;
    }

    private void ReadLines(CancellationToken cancellation)
    {
        var header = _header is not null;
        while (_source.TryReadLine(out var line, LongestLine))
        {
            cancellation.ThrowIfCancellationRequested();
            if (line.Trim(" \t"u8).IsEmpty)
            {
                _blank++;
            }
            else if (header)
            {
                header = false;
                _width = _header!.Count;
            }
            else
            {
                ReadRow(line);
            }
        }
    }

    private void ReadRow(ReadOnlySpan<byte> line)
    {
        var scanner = new FieldScanner(line, _delimiter);
        var field = 0;
        for (; !scanner.Ended; field++)
        {
            var text = scanner.Next();
            if (scanner.QuoteFault is { } fault)
            {
                throw Fault(
                    $"field {field + 1}", fault, "quotation marks in pairs around a whole field", "mend the line");
            }

            if (field == 0 && _rowNames)
            {
                _names.Add(Encoding.UTF8.GetString(text));
                continue;
            }

            _entries.Add(_rows, field - (_rowNames ? 1 : 0), ReadCell(text, field), _source.LinesRead);
        }

        _width = _width < 0 ? field : _width;
        if (field != _width)
        {
            throw Fault(
                null, $"{field} cells", $"{_width} parted by {_delimiter.Name}, as before", "fill in or remove cells");
        }

        _rows++;
    }

    private double ReadCell(ReadOnlySpan<byte> text, int field)
    {
        if (text.IsEmpty || text.SequenceEqual("NA"u8))
        {
            return double.NaN;
        }

        return !text.Contains((byte)0)
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Fault(
                $"field {field + 1}",
                InputFault.Quote(text),
                "a number, or nothing, NA or NaN where it is missing",
                "mend the cell, or say that the file has names (header, row names)");
    }

    private ObservedMatrix ToMatrix()
    {
        var columns = _width - (_rowNames ? 1 : 0);
        if (_rows == 0 || columns < 1)
        {
            throw InputFault.Of(
                _source.Name,
                _rows == 0 ? "no line of values" : "lines with a name and no values",
                "at least one value",
                "check that the export finished");
        }

        var columnIds = _header is null ? null : Map(_header[(_rowNames ? 1 : 0)..], "column");
        return _entries.ToMatrix(_rows, columns, _rowNames ? Map(_names, "row") : null, columnIds);
    }

    private IdMap Map(List<string> names, string what)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var bad = names.FindIndex(n => n.Length == 0 || !seen.Add(n));
        return bad < 0 ? new IdMap([.. names]) : throw InputFault.Of(
            _source.Name,
            names[bad].Length == 0
                ? $"no name for {what} {bad + 1}"
                : $"the {what} name {InputFault.Quote(names[bad])} twice",
            "a name of its own for each",
            "rename it, or say that the file has no names (header, row names)");
    }

    private InvalidDataException Fault(string? field, string got, string wanted, string remedy) =>
        InputFault.At(_source.Name, _source.LinesRead, field, got, wanted, remedy);

    private static bool IsCell(string text) =>
        text is "" or "NA" || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
}
