namespace LowRank.Transformers.Tokenization;

/// <summary>Finds the special tokens of a vocabulary: by the names the files give, else by the usual ones.</summary>
internal static class SpecialTokenNames
{
    /// <summary>The special tokens.</summary>
    /// <param name="idOf">The id of a token; null when there is none.</param>
    /// <param name="settings">What the files say.</param>
    public static SpecialTokens Resolve(Func<string, int?> idOf, TokenizerSettings settings)
    {
        int? Find(string[] roles, params string[] usual)
        {
            var named = roles.Select(settings.Tokens.GetValueOrDefault).OfType<string>();
            return named.Concat(usual).Select(idOf).FirstOrDefault(id => id is not null);
        }

        return new()
        {
            Padding = Find(["pad_token"], "[PAD]", "<pad>"),
            Unknown = Find(["unk_token"], "[UNK]", "<unk>"),
            Start = Find(["cls_token", "bos_token"], "[CLS]", "<s>"),
            End = Find(["sep_token", "eos_token"], "[SEP]", "</s>", "<|endoftext|>"),
            Mask = Find(["mask_token"], "[MASK]", "<mask>"),
        };
    }

    /// <summary>The tokens that the files name by a role and the vocabulary holds, to look for in a text.</summary>
    public static IEnumerable<AddedToken> Named(Func<string, int?> idOf, TokenizerSettings settings) =>
        settings.Tokens.Values
            .Distinct(StringComparer.Ordinal)
            .Where(content => idOf(content) is not null)
            .Select(content => new AddedToken(content, idOf(content) ?? 0));
}
