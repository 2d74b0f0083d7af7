using System.Globalization;

namespace LowRank.Completion.Input;

/// <summary>Judges the layout of a delimited text by its first lines and the caller's wishes.</summary>
internal static class LayoutSniffer
{
    private static readonly string[] RowNames = ["user", "userid", "uid", "u", "row", "rowid", "i"];
    private static readonly string[] ColumnNames =
        ["item", "itemid", "iid", "movie", "movieid", "product", "productid", "column", "columnid", "col", "j"];
    private static readonly string[] ValueNames = ["rating", "ratings", "value", "score", "stars", "r"];

    /// <summary>Finds the layout.</summary>
    /// <param name="source">The file, at its first line with text; nothing is taken from it.</param>
    /// <param name="options">The caller's wishes.</param>
    /// <param name="pairs">Whether only pairs of ids are wanted.</param>
    /// <exception cref="InvalidDataException">
    /// The wishes do not fit the file, or the fields cannot be told apart.
    /// </exception>
    public static TextLayout Sniff(InputSource source, RatingsOptions options, bool pairs)
    {
        var lines = DelimiterSniffer.Sample(source);
        var line = source.LinesRead + 1;
        var guesses = new List<string>();
        var least = pairs ? 2 : 3;
        var delimiter = options.Delimiter is { } given
            ? new Delimiter(given)
            : GuessDelimiter(source.Name, line, lines, least, guesses);
        var first = FieldScanner.Split(lines[0], delimiter);
        var header = options.Header ?? IsHeader(first);
        if (options.Header is null)
        {
            guesses.Add($"line {line} holds {(header ? "names" : "data, not names")}");
        }

        var names = header ? first : null;
        var count = header ? first.Count : DelimiterSniffer.UsualCount(lines, delimiter, out _);
        var place = new Place(source.Name, line, names, count, InputFault.Quote(lines[0]));
        var fields = options.Columns is { } columns
            ? Resolve(place, columns, least)
            : Guess(place, least, pairs, guesses);
        return new TextLayout(delimiter, count, fields[0], fields[1], pairs ? -1 : fields[2], names)
        {
            Guesses = guesses,
        };
    }

    private static Delimiter GuessDelimiter(
        string file, long line, List<byte[]> lines, int least, List<string> guesses)
    {
        var delimiter = DelimiterSniffer.Guess(lines, least) ?? throw InputFault.At(
            file,
            line,
            null,
            InputFault.Quote(lines[0]),
            $"{(least == 2 ? "row id and column id" : "row id, column id and value")}, parted by comma, tab, '::', "
            + "semicolon or blanks",
            "mend the line, or name the delimiter");
        guesses.Add($"fields are parted by {delimiter.Name}");
        return delimiter;
    }

    // Data always has a number, its value. An empty name is allowed only beside well-known ones, or a line with a
    // missing value would pass for a header.
    private static bool IsHeader(List<string> fields) =>
        !fields.Exists(IsNumber)
        && (!fields.Contains(string.Empty) || (Find(fields, RowNames) >= 0 && Find(fields, ColumnNames) >= 0));

    private static bool IsNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static int[] Guess(Place place, int least, bool pairs, List<string> guesses)
    {
        if (place.Names is { } names)
        {
            int[] known = [Find(names, RowNames), Find(names, ColumnNames), pairs ? 0 : Find(names, ValueNames)];
            if (!known.Contains(-1))
            {
                guesses.Add($"{Join(known.Take(least).Select(f => names[f]))} are row id, column id"
                    + (pairs ? string.Empty : " and value"));
                return known;
            }
        }

        // Four fields without names are MovieLens: user, item, rating, time.
        if (place.Count < least || place.Count > (place.Names is null ? 4 : least))
        {
            throw InputFault.At(
                place.File,
                place.Line,
                null,
                place.Names is null
                    ? $"{place.Count} fields without names: {place.Quote}"
                    : $"the names {Join(place.Names)}",
                place.Names is null ? $"{least} to 4 fields" : "names like user, item and rating",
                "say which fields hold row id, column id and value (columns), or read the file as a dense matrix");
        }

        guesses.Add(least == 2
            ? "fields 1 and 2 are row id and column id"
            : "fields 1, 2 and 3 are row id, column id and value");
        return [0, 1, 2];
    }

    private static int[] Resolve(Place place, string columns, int least)
    {
        var wanted = columns.Split(',', StringSplitOptions.TrimEntries);
        if (wanted.Length is var given && given != 3 && given != least)
        {
            throw new ArgumentException(
                $"columns: got '{columns}', {given} fields; wanted {(least == 2 ? "two" : "three")}: row id, column id"
                + (least == 2 ? "." : " and value."),
                nameof(columns));
        }

        var fields = Array.ConvertAll(wanted[..least], name => Resolve(place, name));
        return fields.Distinct().Count() == least
            ? fields
            : throw new ArgumentException(
                $"columns: got '{columns}'; wanted {least} different fields.", nameof(columns));
    }

    private static int Resolve(Place place, string name)
    {
        var named = place.Names?.FindIndex(n => string.Equals(n, name, StringComparison.OrdinalIgnoreCase)) ?? -1;
        if (named >= 0)
        {
            return named;
        }

        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= 1 && number <= place.Count)
        {
            return number - 1;
        }

        throw InputFault.At(
            place.File,
            place.Line,
            null,
            place.Names is null
                ? $"{place.Count} fields without names and no field '{name}'"
                : $"no field '{name}' among {Join(place.Names)}",
            place.Names is null
                ? $"numbers from 1 to {place.Count}"
                : $"one of these names or a number from 1 to {place.Count}",
            "name the fields of row id, column id and value");
    }

    private static int Find(List<string> names, string[] known) => names.FindIndex(name =>
        known.Contains(name.Replace("_", "").Replace("-", "").Replace(" ", "").ToLowerInvariant()));

    private static string Join(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"'{n}'"));

    private sealed record Place(string File, long Line, List<string>? Names, int Count, string Quote);
}
