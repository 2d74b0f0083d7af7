namespace LowRank.Completion.Input;

/// <summary>Judges by the first lines of a text what parts its fields.</summary>
internal static class DelimiterSniffer
{
    private const int MostLines = 50;

    private static readonly string[] Delimiters = ["::", "\t", ",", ";", " "];

    /// <summary>The first lines with text, without their ends; nothing is taken from the source.</summary>
    public static List<byte[]> Sample(InputSource source)
    {
        var text = source.Peek(out var whole);
        var lines = new List<byte[]>();
        while (lines.Count < MostLines && text.Length > 0)
        {
            var end = text.IndexOf((byte)'\n');
            if (end < 0 && !whole && lines.Count > 0)
            {
                break;
            }

            var line = end < 0 ? text : text[..end];
            if (line.Trim(" \t\r"u8).Length > 0)
            {
                lines.Add((line.EndsWith("\r"u8) ? line[..^1] : line).ToArray());
            }

            text = end < 0 ? default : text[(end + 1)..];
        }

        return lines;
    }

    /// <summary>
    /// The delimiter under which the most lines have the same, sufficient number of fields; ties go to the earlier one.
    /// </summary>
    /// <returns>Null when none gives enough fields.</returns>
    public static Delimiter? Guess(List<byte[]> lines, int least)
    {
        var best = 0;
        Delimiter? delimiter = null;
        foreach (var text in Delimiters)
        {
            var candidate = new Delimiter(text);
            if (UsualCount(lines, candidate, out var share) >= least && share > best)
            {
                best = share;
                delimiter = candidate;
            }
        }

        return delimiter;
    }

    /// <summary>The number of fields that most lines have, and how many those are.</summary>
    public static int UsualCount(List<byte[]> lines, Delimiter delimiter, out int share)
    {
        var usual = lines.GroupBy(line => FieldScanner.Count(line, delimiter)).MaxBy(group => group.Count());
        share = usual?.Count() ?? 0;
        return usual?.Key ?? 0;
    }
}
