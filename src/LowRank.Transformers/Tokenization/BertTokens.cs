namespace LowRank.Transformers.Tokenization;

/// <summary>The special tokens of a BERT vocabulary that comes without a <c>tokenizer.json</c>.</summary>
internal static class BertTokens
{
    private static readonly string[] Usual = ["[PAD]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Template and tokens.</summary>
    /// <exception cref="ArgumentException">The vocabulary lacks the token that opens or closes a text.</exception>
    public static EncoderParts Parts(
        IReadOnlyDictionary<string, int> vocabulary, string unknown, TokenizerSettings settings, string? origin = null)
    {
        int? IdOf(string token) => vocabulary.TryGetValue(token, out var id)
            ? id
            : settings.Added.FirstOrDefault(added => added.Content == token)?.Id;
        var specials = SpecialTokenNames.Resolve(IdOf, settings);
        if (specials is not { Start: { } start, End: { } end })
        {
            throw new ArgumentException(
                $"vocabulary: no '{(specials.Start is null ? "[CLS]" : "[SEP]")}' among {vocabulary.Count} pieces; "
                + "wanted BERT's special tokens.",
                nameof(vocabulary));
        }

        var usual = Usual.Append(unknown)
            .Where(token => IdOf(token) is not null)
            .Select(token => new AddedToken(token, IdOf(token) ?? 0));
        return new()
        {
            Added = [.. usual, .. SpecialTokenNames.Named(IdOf, settings), .. settings.Added],
            Template = SequenceTemplate.Bert(start, end),
            Specials = specials,
            TidiesSpaces = settings.TidiesSpaces ?? true,
            TruncatesLeft = settings.TruncatesLeft,
            MaximumLength = settings.MaximumLength,
            Origin = origin ?? "memory",
        };
    }
}
