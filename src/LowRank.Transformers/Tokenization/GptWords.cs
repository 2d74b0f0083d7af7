using System.Text;

namespace LowRank.Transformers.Tokenization;

/// <summary>Cuts text as GPT-2 does before it merges bytes.</summary>
/// <remarks>
/// The same as the expression
/// <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>
/// over characters. .NET's own expressions work on halves of characters and would take rarer scripts for symbols.
/// </remarks>
internal static class GptWords
{
    private enum Kind
    {
        Letter,
        Number,
        Space,
        Other,
    }

    /// <summary>Where the word that begins at a place ends.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">Where the word begins; inside the text.</param>
    public static int EndOfWord(ReadOnlySpan<char> text, int start)
    {
        if (text[start] == '\'' && ContractionLength(text[(start + 1)..]) is var length and > 0)
        {
            return start + 1 + length;
        }

        var at = text[start] == ' ' && start + 1 < text.Length ? start + 1 : start;
        var (kind, _) = KindAt(text, at);
        if (kind != Kind.Space)
        {
            return EndOfRun(text, at, kind);
        }

        // White space leaves its last character to the word that follows, unless it is all there is.
        var end = EndOfRun(text, start, Kind.Space);
        return end == text.Length || end == start + 1 ? end : end - 1;
    }

    private static int EndOfRun(ReadOnlySpan<char> text, int at, Kind kind)
    {
        while (at < text.Length && KindAt(text, at) is var (next, length) && next == kind)
        {
            at += length;
        }

        return at;
    }

    private static int ContractionLength(ReadOnlySpan<char> text) => text switch
    {
        ['s' or 't' or 'm' or 'd', ..] => 1,
        ['r', 'e', ..] or ['v', 'e', ..] or ['l', 'l', ..] => 2,
        _ => 0,
    };

    private static (Kind Kind, int Length) KindAt(ReadOnlySpan<char> text, int at)
    {
        _ = Rune.DecodeFromUtf16(text[at..], out var rune, out var length);
        var kind = Rune.IsLetter(rune) ? Kind.Letter
            : Rune.IsNumber(rune) ? Kind.Number
            : Rune.IsWhiteSpace(rune) ? Kind.Space
            : Kind.Other;
        return (kind, length);
    }
}
