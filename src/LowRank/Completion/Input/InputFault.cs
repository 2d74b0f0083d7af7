using System.Text;

namespace LowRank.Completion.Input;

/// <summary>The wording of every complaint about a file: where, got, wanted, what to do.</summary>
internal static class InputFault
{
    private const int LongestQuote = 40;

    public static InvalidDataException Of(string file, string got, string wanted, string remedy) =>
        new($"{file}: got {got}; wanted {wanted}; {remedy}.");

    public static InvalidDataException At(
        string file, long line, string? field, string got, string wanted, string remedy) =>
        new(Text(file, line, field, got, wanted, remedy));

    public static string Text(string file, long line, string? field, string got, string wanted, string remedy) =>
        $"{file}, line {line}{(field is null ? "" : ", " + field)}: got {got}; wanted {wanted}; {remedy}.";

    /// <summary>The bytes as a text that fits a message: shortened, without control characters.</summary>
    public static string Quote(ReadOnlySpan<byte> bytes)
    {
        // A letter takes four bytes at most, so this much always fills the quote.
        var text = Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, 4 * (LongestQuote + 1))]);
        return Quote(text);
    }

    public static string Quote(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var letter in text.Length > LongestQuote ? text[..LongestQuote] : text)
        {
            clean.Append(char.IsControl(letter) || char.IsSurrogate(letter) || letter == '\uFFFD' ? '?' : letter);
        }

        return text.Length > LongestQuote ? $"'{clean}...'" : $"'{clean}'";
    }
}
