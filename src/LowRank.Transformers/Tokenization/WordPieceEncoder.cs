using System.Text;
using LowRank.Tensors;

namespace LowRank.Transformers.Tokenization;

/// <summary>BERT's tokenizer: words are spelled with the longest pieces that fit, from the left.</summary>
/// <remarks>
/// Schuster and Nakajima 2012, as used by Devlin et al. 2019. Text is cleaned, set apart at ideographs, stripped of
/// accents and lower-cased as the options say; then cut at white space and around each punctuation character.
/// Written here because Microsoft.ML.Tokenizers 2.0.1 drops symbols such as <c>$</c> and <c>=</c>, joins lines, and
/// keeps accents under invariant globalization: 11 of the 29 golden cases of one text differ, which a test counts.
/// </remarks>
public sealed class WordPieceEncoder : TextEncoder
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _starts;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _continuations;
    private readonly Dictionary<int, string> _pieces;
    private readonly BertNormalizer _normalizer;
    private readonly WordPieceOptions _options;
    private readonly int _unknown;
    private readonly int _longestPiece;
    private readonly bool _tidiesTokens;

    /// <summary>An encoder with BERT's special tokens, which the vocabulary must hold.</summary>
    /// <param name="vocabulary">Pieces and their ids; <c>[CLS]</c>, <c>[SEP]</c> and the unknown token among them,
    /// <c>[PAD]</c> and <c>[MASK]</c> if the model has them.</param>
    /// <param name="options">How the text is prepared; null for an uncased BERT.</param>
    /// <exception cref="ArgumentException">A needed token is missing, or an option is out of range.</exception>
    public WordPieceEncoder(IReadOnlyDictionary<string, int> vocabulary, WordPieceOptions? options = null)
        : this(
            Check.NotNull(vocabulary),
            options ?? new(),
            BertTokens.Parts(vocabulary, (options ?? new()).UnknownToken, new TokenizerSettings()))
    {
    }

    internal WordPieceEncoder(
        IReadOnlyDictionary<string, int> vocabulary,
        WordPieceOptions options,
        EncoderParts parts,
        bool tidiesTokens = true)
        : base(parts)
    {
        Check.AtLeast(options.LongestWord, 1);
        Check.That(
            vocabulary.TryGetValue(options.UnknownToken, out _unknown),
            nameof(vocabulary),
            $"vocabulary: no '{options.UnknownToken}' among {vocabulary.Count} pieces; wanted the unknown token.");
        var prefix = options.ContinuationPrefix;
        var continuations = vocabulary
            .Where(entry => entry.Key.Length > prefix.Length
                && entry.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value, StringComparer.Ordinal);
        _starts = new Dictionary<string, int>(vocabulary, StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
        _continuations = continuations.GetAlternateLookup<ReadOnlySpan<char>>();
        _pieces = vocabulary.GroupBy(entry => entry.Value).ToDictionary(group => group.Key, group => group.Last().Key);
        _longestPiece = vocabulary.Keys.Max(piece => piece.Length);
        _options = options;
        _tidiesTokens = tidiesTokens;
        _normalizer = new(
            options.CleanText, options.ChineseCharacters, options.StripAccents ?? options.LowerCase, options.LowerCase);
    }

    private protected override string Kind => _options.LowerCase ? "WordPiece, lower-cased" : "WordPiece, cased";

    private protected override int LargestPieceId => _pieces.Keys.Max();

    private protected override string Normalize(string text) => _normalizer.Normalize(text);

    private protected override string? Piece(int id) => _pieces.GetValueOrDefault(id);

    private protected override int? PieceId(string piece) => _starts.TryGetValue(piece, out var id) ? id : null;

    private protected override void AppendIds(string text, List<int> ids)
    {
        var at = 0;
        while (BertWords.TryNext(text, ref at, out var word))
        {
            AppendWord(word, ids);
        }
    }

    private protected override string Join(IReadOnlyList<string> tokens)
    {
        var text = new StringBuilder();
        foreach (var token in tokens)
        {
            var piece = text.Length == 0 ? token
                : token.StartsWith(_options.ContinuationPrefix, StringComparison.Ordinal)
                    ? token[_options.ContinuationPrefix.Length..]
                    : " " + token;
            text.Append(_tidiesTokens ? SpaceTidying.Tidy(piece) : piece);
        }

        return text.ToString();
    }

    private void AppendWord(ReadOnlySpan<char> word, List<int> ids)
    {
        if (word.Length > _options.LongestWord && RuneCount(word) > _options.LongestWord)
        {
            ids.Add(_unknown);
            return;
        }

        var before = ids.Count;
        var pieces = _starts;
        while (!word.IsEmpty)
        {
            var length = Math.Min(word.Length, _longestPiece);
            int id;
            while (!pieces.TryGetValue(word[..length], out id))
            {
                if (--length == 0)
                {
                    // One missing letter makes the whole word unknown.
                    ids.RemoveRange(before, ids.Count - before);
                    ids.Add(_unknown);
                    return;
                }
            }

            ids.Add(id);
            word = word[length..];
            pieces = _continuations;
        }
    }

    private static int RuneCount(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
        {
            count++;
        }

        return count;
    }
}
