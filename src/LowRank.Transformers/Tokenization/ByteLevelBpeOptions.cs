namespace LowRank.Transformers.Tokenization;

/// <summary>How a byte-level vocabulary wants its text; the defaults are GPT-2's and RoBERTa's.</summary>
public sealed record ByteLevelBpeOptions
{
    /// <summary>Sets a blank before a text that begins without one: its first word is spelled as any other.</summary>
    /// <value>False.</value>
    public bool AddPrefixSpace { get; init; }

    /// <summary>Takes a word that is a piece of the vocabulary whole, whether or not merges lead to it.</summary>
    /// <value>False.</value>
    public bool IgnoreMerges { get; init; }
}
