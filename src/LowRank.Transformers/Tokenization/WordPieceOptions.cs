namespace LowRank.Transformers.Tokenization;

/// <summary>How a WordPiece vocabulary wants its text; the defaults are those of an uncased BERT.</summary>
public sealed record WordPieceOptions
{
    /// <summary>Lower-cases the text: right for a vocabulary without capitals.</summary>
    /// <value>True.</value>
    public bool LowerCase { get; init; } = true;

    /// <summary>Takes accents off; null does so exactly when the text is lower-cased.</summary>
    /// <value>Null, as in BERT's own code.</value>
    public bool? StripAccents { get; init; }

    /// <summary>Drops control characters and makes every white space a blank.</summary>
    /// <value>True.</value>
    public bool CleanText { get; init; } = true;

    /// <summary>Makes each Chinese character a word of its own.</summary>
    /// <value>True.</value>
    public bool ChineseCharacters { get; init; } = true;

    /// <summary>The token of a word that cannot be spelled.</summary>
    /// <value><c>[UNK]</c>.</value>
    public string UnknownToken { get; init; } = "[UNK]";

    /// <summary>What marks a piece that continues a word.</summary>
    /// <value><c>##</c>.</value>
    public string ContinuationPrefix { get; init; } = "##";

    /// <summary>Words of more characters are unknown, at least 1.</summary>
    /// <value>100, as in BERT's own code.</value>
    public int LongestWord { get; init; } = 100;
}
