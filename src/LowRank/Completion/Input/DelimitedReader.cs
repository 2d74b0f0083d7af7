namespace LowRank.Completion.Input;

/// <summary>Reads a delimited text: blank lines before it, a header if it has one, then its entries.</summary>
internal static class DelimitedReader
{
    /// <summary>Reads entries, or pairs of ids without values.</summary>
    public static (EntryTable Table, ReadReport Report) Read(
        InputSource source, RatingsOptions options, bool pairs, CancellationToken cancellation)
    {
        var blank = SkipBlankLines(source);
        var layout = LayoutSniffer.Sniff(source, options, pairs);
        if (layout.Header is not null)
        {
            source.TryReadLine(out _);
        }

        var rules = pairs
            ? new TextRules(double.MinValue, double.MaxValue, options.BadLines)
            : TextRules.From(options);
        var table = EntryReader.Read(source, layout, rules, options.Threads, cancellation);
        if (table.Rows.Length == 0)
        {
            var header = InputFault.Quote(string.Join(layout.Delimiter.Text, layout.Header ?? []));
            throw InputFault.Of(
                source.Name,
                table.BadLines > 0
                    ? $"{table.BadLines} lines and none that can be read ({table.Faults[0].TrimEnd('.')})"
                    : $"the header {header} and no entries",
                "at least one entry",
                "check that the export finished");
        }

        return (table, new ReadReport
        {
            File = source.Name,
            Format = RatingsFormat.Delimited,
            Compressed = source.Compressed,
            Delimiter = layout.Delimiter.Text,
            Header = layout.Header,
            Fields = layout.Fields,
            Guesses = layout.Guesses,
            Lines = source.LinesRead,
            BlankLines = blank + table.BlankLines,
            BadLines = table.BadLines,
            BadLineFaults = table.Faults,
        });
    }

    private static long SkipBlankLines(InputSource source)
    {
        var blank = 0L;
        while (true)
        {
            var text = source.Peek(out _);
            var end = text.IndexOf((byte)'\n');
            if (text.IsEmpty)
            {
                throw InputFault.Of(
                    source.Name,
                    $"{blank} blank lines and nothing else",
                    "lines of row id, column id and value",
                    "check that its export finished");
            }

            if (!(end < 0 ? text : text[..end]).Trim(" \t\r"u8).IsEmpty)
            {
                return blank;
            }

            source.TryReadLine(out _);
            blank++;
        }
    }
}
