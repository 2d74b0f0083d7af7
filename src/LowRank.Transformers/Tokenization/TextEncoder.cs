using LowRank.Tensors;

namespace LowRank.Transformers.Tokenization;

/// <summary>Turns text into token ids and back, with the ids of Hugging Face's fast tokenizers.</summary>
/// <remarks>
/// Encoders are immutable and may be used by many threads at once. Get one with
/// <see cref="TextEncoders.Load(string)"/>. Time is linear in the text but for words of a hundred characters or more.
/// </remarks>
public abstract class TextEncoder
{
    private readonly EncoderParts _parts;
    private readonly Dictionary<int, AddedToken> _addedById;
    private readonly Dictionary<string, AddedToken> _addedByContent;
    private readonly Lazy<(AddedTokenScanner Raw, AddedTokenScanner Normalized)> _scanners;

    private protected TextEncoder(EncoderParts parts)
    {
        _parts = parts;
        _addedById = parts.Added.GroupBy(token => token.Id).ToDictionary(group => group.Key, group => group.Last());
        _addedByContent = parts.Added.GroupBy(token => token.Content).ToDictionary(g => g.Key, g => g.Last());

        // Built at the first use: the normaliser belongs to the derived class, which is not ready here.
        _scanners = new(() => (
            new AddedTokenScanner(parts.Added.Where(token => !token.Normalized), content => content),
            new AddedTokenScanner(parts.Added.Where(token => token.Normalized), Normalize)));
    }

    /// <summary>One more than the largest id: the least number of rows an embedding must have.</summary>
    public int VocabularySize => Math.Max(LargestPieceId, _addedById.Count == 0 ? -1 : _addedById.Keys.Max()) + 1;

    /// <summary>The ids of the tokens that are not text.</summary>
    public SpecialTokens SpecialTokens => _parts.Specials;

    /// <summary>The most tokens that the model was trained with.</summary>
    /// <value>Null: the tokenizer's files do not say; the model's configuration may.</value>
    public int? MaximumLength => _parts.MaximumLength;

    /// <summary>What this is and where it came from, in one line for a report.</summary>
    public string Description => $"{Kind}, {VocabularySize} ids, from {_parts.Origin}";

    /// <summary>The number of special tokens that <see cref="Encode"/> adds.</summary>
    /// <param name="pair">Whether there are two texts.</param>
    /// <returns>The number; a length limit must not be below it.</returns>
    public int SpecialTokenCount(bool pair) => TemplateOf(pair).Count(IsSpecial);

    /// <summary>The ids of a text, or of two, with the special tokens around them.</summary>
    /// <remarks>
    /// A sequence over the limit is cut as Hugging Face's "longest first" does: the longer text is cut down to the
    /// shorter one's length, then both share what is left. Special tokens written in the text, such as
    /// <c>[MASK]</c>, become their ids.
    /// </remarks>
    /// <param name="text">The first text; may be empty.</param>
    /// <param name="pair">The second text; null when there is none.</param>
    /// <param name="maxLength">The most ids to return, special tokens included; at least the special tokens'
    /// number.</param>
    /// <returns>The ids, their types, and whether tokens were cut off.</returns>
    /// <exception cref="ArgumentNullException">The text is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The special tokens alone are over the limit.</exception>
    public TokenizedText Encode(string text, string? pair = null, int maxLength = int.MaxValue)
    {
        Check.NotNull(text);
        var template = TemplateOf(pair is not null);
        var specials = template.Count(IsSpecial);
        Check.AtLeast(maxLength, specials);
        var first = IdsOf(text);
        var second = pair is null ? [] : IdsOf(pair);
        var (kept, keptOfPair) = LongestFirst.Cut(first.Count, second.Count, maxLength - specials);
        var ids = new int[specials + kept + keptOfPair];
        var types = new int[ids.Length];
        var at = 0;
        foreach (var piece in template)
        {
            var start = at;
            if (piece.Source == SequenceTemplate.Source.Special)
            {
                ids[at++] = piece.Id;
            }
            else
            {
                var (from, count) = piece.Source == SequenceTemplate.Source.First
                    ? (first, kept)
                    : (second, keptOfPair);
                from.CopyTo(_parts.TruncatesLeft ? from.Count - count : 0, ids, at, count);
                at += count;
            }

            types.AsSpan(start, at - start).Fill(piece.TypeId);
        }

        return new(ids, types, kept < first.Count || keptOfPair < second.Count);
    }

    /// <summary>The ids of a text alone, without special tokens around it.</summary>
    /// <param name="text">The text; may be empty.</param>
    /// <returns>The ids.</returns>
    public int[] EncodePlain(string text) => [.. IdsOf(Check.NotNull(text))];

    /// <summary>The text of a sequence of ids.</summary>
    /// <remarks>
    /// Ids without a token are passed over, as an embedding may have more rows than the vocabulary has entries.
    /// Bytes that are no character become U+FFFD. WordPiece loses case, accents and spacing: its text is readable, not
    /// the original.
    /// </remarks>
    /// <param name="ids">The ids.</param>
    /// <param name="skipSpecialTokens">Leaves special tokens out.</param>
    /// <param name="tidySpaces">Takes the blank before a full stop, comma and the like away; null does what the
    /// tokenizer's files say, and tidies where they say nothing.</param>
    /// <returns>The text.</returns>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true, bool? tidySpaces = null)
    {
        var tokens = new List<string>(ids.Length);
        foreach (var id in ids)
        {
            if (TokenOf(id) is { } token && !(skipSpecialTokens && IsSpecialToken(id)))
            {
                tokens.Add(token);
            }
        }

        var text = Join(tokens);
        return tidySpaces ?? _parts.TidiesSpaces ? SpaceTidying.Tidy(text) : text;
    }

    /// <summary>The id of a token as the vocabulary spells it.</summary>
    /// <param name="token">The token, such as <c>##ing</c> or <c>[MASK]</c>.</param>
    /// <returns>The id; null when there is no such token.</returns>
    public int? IdOf(string token) =>
        _addedByContent.TryGetValue(Check.NotNull(token), out var added) ? added.Id : PieceId(token);

    /// <summary>The token of an id as the vocabulary spells it.</summary>
    /// <param name="id">The id.</param>
    /// <returns>The token; null when no token has this id.</returns>
    public string? TokenOf(int id) => _addedById.TryGetValue(id, out var added) ? added.Content : Piece(id);

    /// <summary>Whether an id is a special token, which a decoding may leave out.</summary>
    /// <param name="id">The id.</param>
    /// <returns>True for <c>[CLS]</c> and its like.</returns>
    public bool IsSpecialToken(int id) => _addedById.TryGetValue(id, out var added) && added.IsSpecial;

    private protected abstract string Kind { get; }

    private protected abstract int LargestPieceId { get; }

    private protected abstract string Normalize(string text);

    // Appends the ids of a stretch of normalised text that holds no added token.
    private protected abstract void AppendIds(string text, List<int> ids);

    private protected abstract string? Piece(int id);

    private protected abstract int? PieceId(string piece);

    private protected abstract string Join(IReadOnlyList<string> tokens);

    private IReadOnlyList<SequenceTemplate.Piece> TemplateOf(bool pair) =>
        pair ? _parts.Template.Pair : _parts.Template.Single;

    private static bool IsSpecial(SequenceTemplate.Piece piece) => piece.Source == SequenceTemplate.Source.Special;

    private List<int> IdsOf(string text)
    {
        var ids = new List<int>((text.Length / 4) + 4);
        var raw = _scanners.Value.Raw;
        if (raw.FindsNothingIn(text))
        {
            AppendNormalized(Normalize(text), ids);
            return ids;
        }

        foreach (var (range, id) in raw.Split(text))
        {
            if (id is { } known)
            {
                ids.Add(known);
            }
            else
            {
                AppendNormalized(Normalize(text[range]), ids);
            }
        }

        return ids;
    }

    private void AppendNormalized(string text, List<int> ids)
    {
        var scanner = _scanners.Value.Normalized;
        if (scanner.FindsNothingIn(text))
        {
            AppendIfAny(text, ids);
            return;
        }

        foreach (var (range, id) in scanner.Split(text))
        {
            if (id is { } known)
            {
                ids.Add(known);
            }
            else
            {
                AppendIfAny(text[range], ids);
            }
        }
    }

    private void AppendIfAny(string text, List<int> ids)
    {
        if (text.Length > 0)
        {
            AppendIds(text, ids);
        }
    }
}
