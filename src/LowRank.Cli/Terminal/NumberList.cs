using System.Globalization;

namespace LowRank.Cli.Terminal;

/// <summary>Lists of numbers as a user types them.</summary>
internal static class NumberList
{
    private const int MostNumbers = 100_000;

    /// <summary>The words between commas.</summary>
    public static IReadOnlyList<string> Words(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Whole numbers and ranges, such as <c>0-9,20</c>.</summary>
    public static IReadOnlyList<int> Whole(string option, string text)
    {
        var numbers = Words(text).SelectMany(word => Range(option, word)).Distinct().ToList();
        return numbers.Count > 0 ? numbers : throw Wrong(option, text);
    }

    /// <summary>Numbers, such as <c>0.5,0.1</c>.</summary>
    public static IReadOnlyList<double> Real(string option, string text) =>
    [
        .. Words(text).Select(word => double.TryParse(word, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new UsageException($"{option}: got '{word}'; wanted numbers with commas, such as 0.5,0.1.")),
    ];

    private static IEnumerable<int> Range(string option, string word)
    {
        var ends = word.Split('-');
        return ends.Length <= 2
            && int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            && first <= last && last - first < MostNumbers
            ? Enumerable.Range(first, last - first + 1)
            : throw Wrong(option, word);
    }

    private static UsageException Wrong(string option, string text) =>
        new($"{option}: got '{text}'; wanted whole numbers and ranges with commas, such as 0-9 or 4,8,16.");
}
