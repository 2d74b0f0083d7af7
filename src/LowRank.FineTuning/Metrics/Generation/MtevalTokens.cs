using System.Text.RegularExpressions;

namespace LowRank.FineTuning.Metrics.Generation;

/// <summary>The tokens of mteval-v13a, which both BLEUs count: sacreBLEU's <c>13a</c>.</summary>
internal static partial class MtevalTokens
{
    /// <summary>The tokens of a text; case stays.</summary>
    public static string[] Of(string text)
    {
        text = text.Replace("<skipped>", "", StringComparison.Ordinal)
            .Replace("-\n", "", StringComparison.Ordinal)
            .Replace('\n', ' ')
            .Replace("&quot;", "\"", StringComparison.Ordinal)
            .Replace("&amp;", "&", StringComparison.Ordinal)
            .Replace("&lt;", "<", StringComparison.Ordinal)
            .Replace("&gt;", ">", StringComparison.Ordinal);
        text = Symbol().Replace($" {text} ", " $1 ");
        text = StopAfterNoDigit().Replace(text, "$1 $2 ");
        text = StopBeforeNoDigit().Replace(text, " $1 $2");
        return Texts.Words(DashAfterDigit().Replace(text, "$1 $2 "));
    }

    [GeneratedRegex(@"([\{-\~\[-\` -\&\(-\+\:-\@\/])")]
    private static partial Regex Symbol();

    [GeneratedRegex(@"([^0-9])([\.,])")]
    private static partial Regex StopAfterNoDigit();

    [GeneratedRegex(@"([\.,])([^0-9])")]
    private static partial Regex StopBeforeNoDigit();

    [GeneratedRegex(@"([0-9])(-)")]
    private static partial Regex DashAfterDigit();
}
