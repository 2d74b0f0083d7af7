using System.Globalization;
using System.Text;

namespace LowRank.Transformers.Tokenization;

/// <summary>What BERT does to a text before it looks for words; the rules and their order are Hugging Face's.</summary>
/// <param name="CleanText">Drops control characters, makes every white space a blank.</param>
/// <param name="ChineseCharacters">Sets each ideograph off by blanks, so that it becomes a word.</param>
/// <param name="StripAccents">Decomposes and drops the non-spacing marks.</param>
/// <param name="LowerCase">Lower-cases, character by character.</param>
internal sealed record BertNormalizer(bool CleanText, bool ChineseCharacters, bool StripAccents, bool LowerCase)
{
    /// <summary>The text as the vocabulary expects it.</summary>
    public string Normalize(string text)
    {
        if (Ascii.IsValid(text))
        {
            return NormalizeAscii(text);
        }

        var builder = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            AppendClean(builder, rune);
        }

        if (!StripAccents && !LowerCase)
        {
            return builder.ToString();
        }

        var clean = builder.ToString();
        builder.Clear();
        if (StripAccents)
        {
            foreach (var rune in CanonicalDecomposition.Decompose(clean))
            {
                if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark)
                {
                    AppendLower(builder, rune);
                }
            }
        }
        else
        {
            foreach (var rune in clean.EnumerateRunes())
            {
                AppendLower(builder, rune);
            }
        }

        return builder.ToString();
    }

    // The common case needs no decomposition and no ideographs.
    private string NormalizeAscii(string text)
    {
        Span<char> buffer = text.Length <= 512 ? stackalloc char[text.Length] : new char[text.Length];
        var length = 0;
        foreach (var c in text)
        {
            if (CleanText && (c < ' ' || c == '\u007F'))
            {
                // Tab and the line ends are blanks; the other controls vanish, vertical tab and form feed among them.
                if (c is '\t' or '\n' or '\r')
                {
                    buffer[length++] = ' ';
                }
            }
            else
            {
                buffer[length++] = LowerCase && char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c;
            }
        }

        return new string(buffer[..length]);
    }

    private void AppendClean(StringBuilder builder, Rune rune)
    {
        if (CleanText)
        {
            if (IsDropped(rune))
            {
                return;
            }

            rune = Rune.IsWhiteSpace(rune) ? new Rune(' ') : rune;
        }

        if (ChineseCharacters && IsIdeograph(rune.Value))
        {
            builder.Append(' ').Append(rune).Append(' ');
        }
        else
        {
            builder.Append(rune);
        }
    }

    private void AppendLower(StringBuilder builder, Rune rune)
    {
        if (!LowerCase)
        {
            builder.Append(rune);
        }
        else if (rune.Value == 0x130)
        {
            // The one character whose lower case is two; .NET's invariant casing leaves it alone.
            builder.Append("i\u0307");
        }
        else
        {
            builder.Append(Rune.ToLowerInvariant(rune));
        }
    }

    private static bool IsDropped(Rune rune) =>
        rune.Value is not ('\t' or '\n' or '\r')
        && (rune.Value is 0 or 0xFFFD
            || Rune.GetUnicodeCategory(rune) is
                UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse);

    // The blocks as Hugging Face lists them: 0x2B920 is its spelling of 0x2B820, kept so that the ids agree.
    private static bool IsIdeograph(int code) => code is
        (>= 0x4E00 and <= 0x9FFF)
        or (>= 0x3400 and <= 0x4DBF)
        or (>= 0x20000 and <= 0x2A6DF)
        or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F)
        or (>= 0x2B920 and <= 0x2CEAF)
        or (>= 0xF900 and <= 0xFAFF)
        or (>= 0x2F800 and <= 0x2FA1F);
}
