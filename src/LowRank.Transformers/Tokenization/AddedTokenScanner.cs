using System.Buffers;
using System.Text;

namespace LowRank.Transformers.Tokenization;

/// <summary>Cuts a text at the added tokens in it: leftmost first, the longest of those that begin together.</summary>
internal sealed class AddedTokenScanner
{
    private readonly (string Spelling, AddedToken Token)[] _tokens;
    private readonly SearchValues<string>? _spellings;

    /// <summary>Prepares the search.</summary>
    /// <param name="tokens">The tokens to look for.</param>
    /// <param name="normalize">How a token's content is spelled in the text that is searched.</param>
    public AddedTokenScanner(IEnumerable<AddedToken> tokens, Func<string, string> normalize)
    {
        _tokens = [.. tokens
            .Select(token => (Spelling: normalize(token.Content), Token: token))
            .Where(entry => entry.Spelling.Length > 0)
            .OrderByDescending(entry => entry.Spelling.Length)];
        if (_tokens.Length > 0)
        {
            _spellings = SearchValues.Create([.. _tokens.Select(entry => entry.Spelling)], StringComparison.Ordinal);
        }
    }

    /// <summary>Whether no token of this scanner is in the text.</summary>
    public bool FindsNothingIn(ReadOnlySpan<char> text) => _spellings is null || text.IndexOfAny(_spellings) < 0;

    /// <summary>The text in pieces: stretches of plain text (no token) and the tokens between them.</summary>
    public List<(Range Text, int? Id)> Split(string text)
    {
        var pieces = new List<(Range, int?)>();
        var from = 0;
        var at = 0;
        while (_spellings is not null && at < text.Length)
        {
            var hit = text.AsSpan(at).IndexOfAny(_spellings);
            if (hit < 0)
            {
                break;
            }

            at += hit;
            var (spelling, token) = LongestAt(text, at);
            var end = at + spelling.Length;
            if (token.SingleWord && (EndsWithWord(text.AsSpan(0, at)) || StartsWithWord(text.AsSpan(end))))
            {
                at = end;
                continue;
            }

            var start = token.TakesLeftSpace ? Math.Max(from, text.AsSpan(0, at).TrimEnd().Length) : at;
            end = token.TakesRightSpace ? text.Length - text.AsSpan(end).TrimStart().Length : end;
            Add(pieces, from, start, null);
            Add(pieces, start, end, token.Id);
            from = at = end;
        }

        Add(pieces, from, text.Length, null);
        return pieces;
    }

    private static void Add(List<(Range, int?)> pieces, int from, int to, int? id)
    {
        if (from < to)
        {
            pieces.Add((from..to, id));
        }
    }

    private (string Spelling, AddedToken Token) LongestAt(string text, int at)
    {
        foreach (var entry in _tokens)
        {
            if (string.CompareOrdinal(text, at, entry.Spelling, 0, entry.Spelling.Length) == 0)
            {
                return entry;
            }
        }

        throw new InvalidOperationException("A search hit that is none of its search words.");
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out var rune, out _) == OperationStatus.Done && IsWord(rune);

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out var rune, out _) == OperationStatus.Done && IsWord(rune);

    private static bool IsWord(Rune rune) => Rune.GetUnicodeCategory(rune) is
        System.Globalization.UnicodeCategory.ConnectorPunctuation
        or System.Globalization.UnicodeCategory.NonSpacingMark
        or System.Globalization.UnicodeCategory.SpacingCombiningMark
        or System.Globalization.UnicodeCategory.EnclosingMark
        or System.Globalization.UnicodeCategory.DecimalDigitNumber
        or System.Globalization.UnicodeCategory.LetterNumber
        || Rune.IsLetter(rune);
}
