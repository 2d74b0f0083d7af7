namespace LowRank.Transformers.Tokenization;

/// <summary>The ids of the tokens that are not text; null where a vocabulary has no such token.</summary>
public sealed record SpecialTokens
{
    /// <summary>Fills the short rows of a batch: <c>[PAD]</c>, <c>&lt;pad&gt;</c>.</summary>
    /// <value>Null: this model was trained without padding (GPT-2).</value>
    public int? Padding { get; init; }

    /// <summary>Stands for a word that the vocabulary cannot spell: <c>[UNK]</c>, <c>&lt;unk&gt;</c>.</summary>
    /// <value>Null: every text can be spelled.</value>
    public int? Unknown { get; init; }

    /// <summary>Opens a text: <c>[CLS]</c>, <c>&lt;s&gt;</c>; what a classifier reads.</summary>
    /// <value>Null: texts are not opened.</value>
    public int? Start { get; init; }

    /// <summary>Closes a text: <c>[SEP]</c>, <c>&lt;/s&gt;</c>, <c>&lt;|endoftext|&gt;</c>; ends generation.</summary>
    /// <value>Null: texts are not closed.</value>
    public int? End { get; init; }

    /// <summary>Stands for a hidden word: <c>[MASK]</c>, <c>&lt;mask&gt;</c>.</summary>
    /// <value>Null: the model was not trained by hiding words.</value>
    public int? Mask { get; init; }
}
