namespace LowRank.Transformers.Tokenization;

/// <summary>Takes away the blanks that joining English tokens leaves before punctuation and contractions.</summary>
internal static class SpaceTidying
{
    private static readonly (string From, string To)[] Rules =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"),
        (" n't", "n't"), (" 'm", "'m"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ];

    /// <summary>The tidied text; the rules apply in a fixed order, each to the whole text.</summary>
    public static string Tidy(string text)
    {
        foreach (var (from, to) in Rules)
        {
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        return text;
    }
}
