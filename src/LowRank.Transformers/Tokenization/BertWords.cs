using System.Globalization;
using System.Text;

namespace LowRank.Transformers.Tokenization;

/// <summary>How BERT cuts normalised text into words: at white space, and around each punctuation character.</summary>
internal static class BertWords
{
    /// <summary>The next word of a text.</summary>
    /// <param name="text">Normalised text.</param>
    /// <param name="at">Where to look; moved behind the word.</param>
    /// <param name="word">The word, never empty; empty when there is none left.</param>
    /// <returns>Whether there was one.</returns>
    public static bool TryNext(string text, ref int at, out ReadOnlySpan<char> word)
    {
        var start = at;
        while (at < text.Length)
        {
            _ = Rune.TryGetRuneAt(text, at, out var rune);
            var length = Math.Max(1, rune.Utf16SequenceLength);
            var isSpace = Rune.IsWhiteSpace(rune);
            if (!isSpace && !IsPunctuation(rune))
            {
                at += length;
            }
            else if (at > start)
            {
                break;
            }
            else if (isSpace)
            {
                start = at += length;
            }
            else
            {
                at += length;
                break;
            }
        }

        word = text.AsSpan(start, at - start);
        return at > start;
    }

    // ASCII symbols such as $ and + count as punctuation for BERT, whatever Unicode says.
    private static bool IsPunctuation(Rune rune) =>
        rune.IsAscii
            ? char.IsBetween((char)rune.Value, '!', '~') && !char.IsAsciiLetterOrDigit((char)rune.Value)
            : Rune.GetUnicodeCategory(rune) is
                UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation
                or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation
                or UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation
                or UnicodeCategory.OtherPunctuation;
}
