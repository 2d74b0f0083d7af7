using System.Text;
using System.Xml.Linq;
using LowRank.Tensors;

namespace LowRank.Experiments.Reports;

/// <summary>Text for a page, from anywhere.</summary>
internal static class HtmlText
{
    /// <summary>The text; what stands between two backticks is code.</summary>
    public static IEnumerable<XNode> Of(string text)
    {
        var parts = Clean(text).Split('`');
        var closed = parts.Length - 1 - ((parts.Length - 1) % 2);
        for (var at = 0; at < parts.Length; at++)
        {
            yield return at % 2 == 1 && at < closed ? new XElement("code", parts[at])
                : new XText(at > closed ? $"`{parts[at]}" : parts[at]);
        }
    }

    /// <summary>The text without characters that no page may hold.</summary>
    public static string Clean(string text) => string.Concat(
        Check.NotNull(text).ReplaceLineEndings("\n").EnumerateRunes().Select(rune => IsAllowed(rune) ? rune : Rune.ReplacementChar));

    private static bool IsAllowed(Rune rune) =>
        rune.Value is '\t' or '\n' || (!Rune.IsControl(rune) && rune.Value is not (0xFFFE or 0xFFFF));
}
