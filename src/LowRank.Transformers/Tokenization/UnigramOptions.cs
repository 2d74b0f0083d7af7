namespace LowRank.Transformers.Tokenization;

/// <summary>How a Unigram vocabulary wants its text; the defaults are T5's.</summary>
public sealed record UnigramOptions
{
    /// <summary>The piece of a letter that no piece spells.</summary>
    /// <value><c>&lt;unk&gt;</c>.</value>
    public string UnknownToken { get; init; } = "<unk>";

    /// <summary>Whether such a letter is spelled by its bytes, <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c>, where the
    /// vocabulary has them.</summary>
    /// <value>False.</value>
    public bool ByteFallback { get; init; }

    /// <summary>Whether white space only parts words, so that several blanks are as one.</summary>
    /// <value>True.</value>
    public bool CollapsesSpaces { get; init; } = true;

    /// <summary>Whether a text is taken to begin with a blank.</summary>
    /// <value>True.</value>
    public bool AddsPrefixSpace { get; init; } = true;

    /// <summary>Whether, of several stretches between added tokens, only the first gets that blank.</summary>
    /// <value>False.</value>
    public bool PrefixesOnlyFirst { get; init; }

    /// <summary>What is done to the text first.</summary>
    internal Func<string, string> Normalize { get; init; } = text => text;
}
