namespace LowRank.Transformers.Tokenization;

/// <summary>What every encoder has besides its way to split words.</summary>
internal sealed record EncoderParts
{
    /// <summary>Tokens to look for before anything else.</summary>
    public required IReadOnlyList<AddedToken> Added { get; init; }

    /// <summary>The special tokens around the texts.</summary>
    public required SequenceTemplate Template { get; init; }

    /// <summary>The ids of the special tokens.</summary>
    public required SpecialTokens Specials { get; init; }

    /// <summary>Whether decoded text is tidied (Hugging Face's <c>clean_up_tokenization_spaces</c>).</summary>
    public bool TidiesSpaces { get; init; } = true;

    /// <summary>Whether a text that is too long loses its beginning instead of its end.</summary>
    public bool TruncatesLeft { get; init; }

    /// <summary>The most tokens that the model was trained with; null when the files do not say.</summary>
    public int? MaximumLength { get; init; }

    /// <summary>Where the encoder came from, in a few words.</summary>
    public string Origin { get; init; } = "memory";
}
