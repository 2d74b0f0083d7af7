using System.Globalization;
using System.Text;

namespace LowRank.Completion.Input;

/// <summary>Reads MatrixMarket coordinate files: banner, comments, size line, entries with indices from 1.</summary>
internal static class MatrixMarketReader
{
    public const string Banner = "%%MatrixMarket";

    /// <summary>Reads the entries; a symmetric matrix is completed by its mirrored half.</summary>
    public static (EntryTable Table, ReadReport Report, int Rows, int Columns) Read(
        InputSource source, RatingsOptions options, CancellationToken cancellation)
    {
        var header = ReadHeader(source);
        var rules = TextRules.From(options) with
        {
            RowLimit = header.Rows,
            ColumnLimit = header.Columns,
            BadLines = BadLinePolicy.Refuse,
        };
        var layout = new TextLayout(new Delimiter(" "), 3, 0, 1, 2, null);
        var table = EntryReader.Read(source, layout, rules, options.Threads, cancellation);
        if (table.Rows.Length != header.Entries)
        {
            throw InputFault.Of(
                source.Name,
                $"{table.Rows.Length} entries",
                $"{header.Entries}, as the size line {header.SizeLine} says",
                table.Rows.Length < header.Entries ? "the file may be cut off: fetch it again" : "mend the size line");
        }

        table = table with { RowIds = IdMap.Range(1, header.Rows), ColumnIds = IdMap.Range(1, header.Columns) };
        var report = new ReadReport
        {
            File = source.Name,
            Format = RatingsFormat.MatrixMarket,
            Lines = source.LinesRead,
            BlankLines = table.BlankLines,
            CommentLines = header.CommentLines,
        };
        return (header.Symmetric ? Mirror(source.Name, table) : table, report, header.Rows, header.Columns);
    }

    private static MatrixMarketHeader ReadHeader(InputSource source)
    {
        if (!source.TryReadLine(out var first) || !first.StartsWith("%%"u8))
        {
            throw InputFault.At(
                source.Name, 1, null, InputFault.Quote(first), $"{Banner} matrix coordinate real general",
                "check that this is a MatrixMarket file");
        }

        var symmetric = IsSymmetric(source.Name, first);
        var comments = 0;
        while (source.TryReadLine(out var line))
        {
            var text = line.Trim(" \t"u8);
            if (!text.IsEmpty && text[0] != '%')
            {
                return ReadSize(source, line, symmetric) with { CommentLines = comments };
            }

            comments++;
        }

        throw InputFault.Of(
            source.Name,
            "no size line",
            "rows, columns and number of entries behind the comments",
            "fetch the file again");
    }

    private static bool IsSymmetric(string file, ReadOnlySpan<byte> line)
    {
        var words = FieldScanner.Split(line, new Delimiter(" ")).ConvertAll(w => w.ToLowerInvariant());
        var symmetric = words is [_, _, _, _, "symmetric"];
        var fault = words switch
        {
            [_, not "matrix", ..] => "only matrices are read",
            [_, _, not "coordinate", ..] => "save the array as NPY or as dense text",
            [_, _, _, "pattern", ..] => "a pattern has no values: write a value for each entry",
            [_, _, _, "real" or "integer", "general" or "symmetric"] => null,
            _ => "save it as a real general matrix",
        };
        return fault is null ? symmetric : throw InputFault.At(
            file, 1, null, InputFault.Quote(Encoding.UTF8.GetString(line)),
            "coordinate, real or integer, general or symmetric", fault);
    }

    private static MatrixMarketHeader ReadSize(InputSource source, ReadOnlySpan<byte> line, bool symmetric)
    {
        var fields = FieldScanner.Split(line, new Delimiter(" "));
        var sizes = new int[3];
        var numbers = fields.Count == 3;
        for (var i = 0; i < 3 && numbers; i++)
        {
            numbers = int.TryParse(fields[i], NumberStyles.None, CultureInfo.InvariantCulture, out sizes[i]);
        }

        if (!numbers || sizes.Contains(0) || sizes.Max() > Array.MaxLength || (symmetric && sizes[0] != sizes[1]))
        {
            throw InputFault.At(
                source.Name,
                source.LinesRead,
                null,
                InputFault.Quote(line),
                symmetric
                    ? "rows, as many columns, and the number of entries, each at least 1"
                    : "rows, columns and the number of entries, each at least 1",
                "mend the size line");
        }

        return new MatrixMarketHeader(sizes[0], sizes[1], sizes[2], symmetric, source.LinesRead);
    }

    private static EntryTable Mirror(string file, EntryTable table)
    {
        var count = table.Rows.Length;
        var mirrored = 0L;
        for (var k = 0; k < count; k++)
        {
            mirrored += table.Rows[k] != table.Columns[k] ? 1 : 0;
        }

        if (count + mirrored > Array.MaxLength)
        {
            throw InputFault.Of(
                file,
                $"{count + mirrored} entries with the mirrored half",
                $"at most {Array.MaxLength}",
                "read the matrix in parts");
        }

        var rows = new int[count + mirrored];
        var columns = new int[rows.Length];
        var values = new double[rows.Length];
        table.Rows.CopyTo(rows, 0);
        table.Columns.CopyTo(columns, 0);
        table.Values.CopyTo(values, 0);
        for (var (k, next) = (0, count); k < count; k++)
        {
            if (rows[k] != columns[k])
            {
                rows[next] = columns[k];
                columns[next] = rows[k];
                values[next++] = values[k];
            }
        }

        return table with { Rows = rows, Columns = columns, Values = values };
    }
}
