using System.Text.RegularExpressions;

namespace LowRank.FineTuning.Metrics.Generation;

/// <summary>NLTK's English words, on which METEOR's reference code rests: the Penn Treebank's.</summary>
/// <remarks>
/// The rules are those of <c>NLTKWordTokenizer</c>, NLTK 3.8. Sentences are parted by a plain rule (a stop, but not of
/// a title, then a blank, then no small letter), where NLTK asks a trained model; only the full stop at a sentence's end
/// depends on it.
/// </remarks>
internal static class TreebankWords
{
    private static readonly Regex SentenceEnd = new(
        """(?<=[.?!]["'”’)\]]*)(?<!\b(?:Mr|Mrs|Ms|Dr|Prof|St)\.)\s+(?=[^\s\p{Ll}])""",
        RegexOptions.Compiled | RegexOptions.CultureInvariant);

    private static readonly (Regex Pattern, string Result)[] Rules =
    [
        .. Make(
            ("([«“‘„]|[`]+)", " $1 "),
            ("^\"", "``"),
            ("(``)", " $1 "),
            ("([ \\(\\[{<])(\"|'{2})", "$1 `` "),
            (@"(?i)(')(?!re|ve|ll|m|t|s|d|n)(\w)\b", "$1 $2"),
            ("([^\\.])(\\.)([\\]\\)}>\"'»”’ ]*)\\s*$", "$1 $2 $3 "),
            (@"([:,])([^\d])", " $1 $2"),
            ("([:,])$", " $1 "),
            (@"\.{2,}", " $0 "),
            ("[;@#$%&]", " $0 "),
            ("([^\\.])(\\.)([\\]\\)}>\"']*)\\s*$", "$1 $2$3 "),
            ("[?!]", " $0 "),
            ("([^'])' ", "$1 ' "),
            ("[*]", " $0 "),
            (@"[\]\[\(\)\{\}\<\>]", " $0 "),
            ("--", " -- "),
            ("^|$", " "),
            ("([»”’])", " $1 "),
            ("''", " '' "),
            ("\"", " '' "),
            ("([^' ])('[sS]|'[mM]|'[dD]|') ", "$1 $2 "),
            ("([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) ", "$1 $2 "),
            (@"(?i)\b(can)(not)\b", " $1 $2 "),
            (@"(?i)\b(d)('ye)\b", " $1 $2 "),
            (@"(?i)\b(gim)(me)\b", " $1 $2 "),
            (@"(?i)\b(gon)(na)\b", " $1 $2 "),
            (@"(?i)\b(got)(ta)\b", " $1 $2 "),
            (@"(?i)\b(lem)(me)\b", " $1 $2 "),
            (@"(?i)\b(more)('n)\b", " $1 $2 "),
            (@"(?i)\b(wan)(na)(?=\s)", " $1 $2 "),
            (@"(?i) ('t)(is)\b", " $1 $2 "),
            (@"(?i) ('t)(was)\b", " $1 $2 ")),
    ];

    /// <summary>The words of a text; case stays.</summary>
    public static string[] Of(string text) => [.. SentenceEnd.Split(text).SelectMany(OfSentence)];

    /// <summary>The words of one sentence; case stays.</summary>
    public static string[] OfSentence(string sentence) =>
        Texts.Words(Rules.Aggregate(sentence, (text, rule) => rule.Pattern.Replace(text, rule.Result)));

    private static IEnumerable<(Regex, string)> Make(params (string Pattern, string Result)[] rules) => rules.Select(
        rule => (new Regex(rule.Pattern, RegexOptions.Compiled | RegexOptions.CultureInvariant), rule.Result));
}
