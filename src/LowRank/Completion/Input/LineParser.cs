using System.Globalization;
using System.Text.Unicode;

namespace LowRank.Completion.Input;

/// <summary>One worker's parser: blocks of text in, blocks of entries out, ids numbered by this worker.</summary>
internal sealed unsafe class LineParser
{
    private readonly string _file;
    private readonly TextLayout _layout;
    private readonly TextRules _rules;
    private readonly FastLine _fast;
    private int _faultField;
    private string _got = string.Empty;

    public LineParser(string file, TextLayout layout, TextRules rules)
    {
        _file = file;
        _layout = layout;
        _rules = rules;
        _fast = new FastLine(layout);
        Rows = new IdInterner(file);
        Columns = new IdInterner(file);
    }

    public IdInterner Rows { get; }

    public IdInterner Columns { get; }

    /// <summary>Number of lines without text.</summary>
    public long BlankLines { get; private set; }

    /// <summary>Number of lines that could not be read.</summary>
    public long BadLines { get; private set; }

    /// <summary>The first bad lines, at most ten, in file order.</summary>
    public List<(long Line, string Text)> Faults { get; } = [];

    /// <summary>Reads a block; stops at its first bad line unless those are left out.</summary>
    public void Parse(TextBlock text, EntryBlock entries)
    {
        fixed (byte* start = text.Bytes)
        {
            var place = start;
            var end = start + text.Length;
            for (var line = 0; place < end; line++)
            {
                var position = ((long)text.Sequence << 32) | (uint)entries.Count;
                var begin = place;
                if (_fast.TryRead(ref place, out var row, out var column, out var value)
                    && value >= _rules.Minimum && value <= _rules.Maximum)
                {
                    if (TryPlace(row, column, position, out var r, out var c))
                    {
                        Add(entries, r, c, value);
                        continue;
                    }
                }

                var length = new ReadOnlySpan<byte>(begin, (int)(end - begin)).IndexOf((byte)'\n');
                place = begin + length + 1;
                if (!TrySlowly(new ReadOnlySpan<byte>(begin, length), position, text.FirstLine + line, entries))
                {
                    return;
                }

                if (entries.Count == (int)(position & int.MaxValue))
                {
                    entries.Gaps.Add(line);
                }
            }
        }
    }

    private static void Add(EntryBlock entries, int row, int column, double value)
    {
        var k = entries.Count;
        entries.Rows[k] = row;
        entries.Columns[k] = column;
        entries.Values[k] = value;
        entries.Count = k + 1;
    }

    private bool TryPlace(in FastLine.Id row, in FastLine.Id column, long position, out int r, out int c)
    {
        if (_rules.RowLimit == 0)
        {
            r = row.InternIn(Rows, position);
            c = column.InternIn(Columns, position);
            return true;
        }

        r = (int)(row.Number - 1);
        c = (int)(column.Number - 1);
        return row.Length + column.Length == 0 && (uint)r < (uint)_rules.RowLimit && (uint)c < (uint)_rules.ColumnLimit;
    }

    // False when reading must stop.
    private bool TrySlowly(ReadOnlySpan<byte> line, long position, long number, EntryBlock entries)
    {
        line = line.EndsWith("\r"u8) ? line[..^1] : line;
        var outcome = Read(line, position, entries);
        if (outcome == LineOutcome.Entry)
        {
            return true;
        }

        if (outcome == LineOutcome.Blank)
        {
            BlankLines++;
            return true;
        }

        BadLines++;
        if (Faults.Count < 10)
        {
            Faults.Add((number, Describe(outcome, number)));
        }

        return _rules.BadLines == BadLinePolicy.LeaveOut;
    }

    private LineOutcome Read(ReadOnlySpan<byte> line, long position, EntryBlock entries)
    {
        if (FieldScanner.IsBlank(line))
        {
            return LineOutcome.Blank;
        }

        var scanner = new FieldScanner(line, _layout.Delimiter);
        ReadOnlySpan<byte> row = default, column = default, value = default;
        for (var f = 0; f < _layout.FieldCount; f++)
        {
            if (scanner.Ended)
            {
                return Fault(LineOutcome.FieldCount, -1, CountText(line));
            }

            var field = scanner.Next();
            if (scanner.QuoteFault is { } quoteFault)
            {
                return Fault(LineOutcome.Quotes, f, quoteFault);
            }

            row = f == _layout.Row ? field : row;
            column = f == _layout.Column ? field : column;
            value = f == _layout.Value ? field : value;
        }

        if (!scanner.Ended)
        {
            return Fault(LineOutcome.FieldCount, -1, CountText(line));
        }

        var number = 0.0;
        var outcome = CheckId(row, _layout.Row);
        outcome = outcome == LineOutcome.Entry ? CheckId(column, _layout.Column) : outcome;
        outcome = outcome == LineOutcome.Entry && _layout.Value >= 0 ? ReadValue(value, out number) : outcome;
        return outcome == LineOutcome.Entry ? Keep(row, column, number, position, entries) : outcome;
    }

    private LineOutcome Keep(
        ReadOnlySpan<byte> row, ReadOnlySpan<byte> column, double value, long position, EntryBlock entries)
    {
        if (_rules.RowLimit == 0)
        {
            Add(entries, Rows.Intern(row, position), Columns.Intern(column, position), value);
            return LineOutcome.Entry;
        }

        if (!TryIndex(row, _rules.RowLimit, out var r))
        {
            return Fault(LineOutcome.Index, _layout.Row, InputFault.Quote(row));
        }

        if (!TryIndex(column, _rules.ColumnLimit, out var c))
        {
            return Fault(LineOutcome.Index, _layout.Column, InputFault.Quote(column));
        }

        Add(entries, r, c, value);
        return LineOutcome.Entry;
    }

    private static bool TryIndex(ReadOnlySpan<byte> text, int limit, out int index)
    {
        var number = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out index);
        index--;
        return number && index >= 0 && index < limit;
    }

    private LineOutcome CheckId(ReadOnlySpan<byte> id, int field)
    {
        if (id.IsEmpty)
        {
            return Fault(LineOutcome.EmptyId, field, "nothing");
        }

        return id.ContainsAnyInRange((byte)0, (byte)31) || id.Contains((byte)127) || !Utf8.IsValid(id)
            ? Fault(LineOutcome.UnreadableId, field, InputFault.Quote(id))
            : LineOutcome.Entry;
    }

    private LineOutcome ReadValue(ReadOnlySpan<byte> text, out double value)
    {
        value = 0;
        // TryParse would let zero bytes at the end pass.
        if (text.Contains((byte)0)
            || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
        {
            return Fault(LineOutcome.NotNumber, _layout.Value, text.IsEmpty ? "nothing" : InputFault.Quote(text));
        }

        if (!double.IsFinite(value))
        {
            return Fault(LineOutcome.NotFinite, _layout.Value, InputFault.Quote(text));
        }

        return value < _rules.Minimum || value > _rules.Maximum
            ? Fault(LineOutcome.OutOfRange, _layout.Value, InputFault.Quote(text))
            : LineOutcome.Entry;
    }

    private LineOutcome Fault(LineOutcome outcome, int field, string got)
    {
        _faultField = field;
        _got = got;
        return outcome;
    }

    private string CountText(ReadOnlySpan<byte> line)
    {
        var count = FieldScanner.Count(line, _layout.Delimiter);
        return $"{count} field{(count == 1 ? "" : "s")} in {InputFault.Quote(line)}";
    }

    private string Describe(LineOutcome outcome, long line)
    {
        var (wanted, remedy) = outcome switch
        {
            LineOutcome.FieldCount => ($"{_layout.FieldCount} parted by {_layout.Delimiter.Name}", "mend the line"),
            LineOutcome.Quotes => ("quotation marks in pairs around a whole field", "mend the line"),
            LineOutcome.EmptyId => ("an id", "fill it in or remove the line"),
            LineOutcome.UnreadableId => ("text in UTF-8 without control characters", "save the file as UTF-8 text"),
            LineOutcome.Index => (
                $"a number from 1 to {(_faultField == _layout.Row ? _rules.RowLimit : _rules.ColumnLimit)}",
                "mend the line or the size line"),
            LineOutcome.NotNumber => ("a number such as 3.5", Remedy()),
            LineOutcome.NotFinite => ("a finite number", "mend or remove the line"),
            _ => (
                FormattableString.Invariant($"a value from {_rules.Minimum} to {_rules.Maximum}"),
                "mend or remove the line, or allow a wider range"),
        };
        return InputFault.Text(
            _file, line, _faultField < 0 ? null : _layout.NameOf(_faultField), _got, wanted, remedy);
    }

    private string Remedy() =>
        _got.Contains(',') ? "write decimals with a point" : "mend or remove the line, or name the field of the value";
}
