using LowRank.Transformers.Blocks;

namespace LowRank.Transformers.Encoders;

/// <summary>The shape and rates of an encoder model with a sequence-classification head.</summary>
/// <remarks>Defaults are BERT base's. The family's own record reads them from a <c>config.json</c>.</remarks>
public abstract record EncoderConfig
{
    /// <summary>Gets the family's name in configuration files, such as <c>bert</c>.</summary>
    public abstract string ModelType { get; }

    /// <summary>Gets the number of rows of the word-embedding table.</summary>
    /// <value>Default 30522.</value>
    public int VocabularySize { get; init; } = 30522;

    /// <summary>Gets the width of the hidden states; a multiple of <see cref="HeadCount"/>.</summary>
    /// <value>Default 768.</value>
    public int HiddenSize { get; init; } = 768;

    /// <summary>Gets the number of encoder layers.</summary>
    /// <value>Default 12.</value>
    public int LayerCount { get; init; } = 12;

    /// <summary>Gets the number of attention heads.</summary>
    /// <value>Default 12.</value>
    public int HeadCount { get; init; } = 12;

    /// <summary>Gets the width between the two products of a feed-forward block.</summary>
    /// <value>Default 3072.</value>
    public int IntermediateSize { get; init; } = 3072;

    /// <summary>Gets the curve of the feed-forward blocks.</summary>
    /// <value>Default <see cref="Activation.Gelu"/>.</value>
    public Activation Activation { get; init; } = Activation.Gelu;

    /// <summary>Gets the dropout rate of embeddings, attention outputs and feed-forward outputs; [0, 1).</summary>
    /// <value>Default 0.1.</value>
    public double HiddenDropout { get; init; } = 0.1;

    /// <summary>Gets the dropout rate of attention probabilities; [0, 1).</summary>
    /// <value>Default 0.1.</value>
    public double AttentionDropout { get; init; } = 0.1;

    /// <summary>Gets the dropout rate before the classifier; [0, 1).</summary>
    /// <value>Default 0.1.</value>
    public double HeadDropout { get; init; } = 0.1;

    /// <summary>Gets the number of rows of the position-embedding table.</summary>
    /// <value>Default 512.</value>
    public int PositionCount { get; init; } = 512;

    /// <summary>Gets the number of token types; 0 where the family has none.</summary>
    /// <value>Default 2.</value>
    public int TypeCount { get; init; } = 2;

    /// <summary>Gets the number added to the variance in layer norms.</summary>
    /// <value>Default 1e-12.</value>
    public double LayerNormEpsilon { get; init; } = 1e-12;

    /// <summary>Gets the standard deviation of newly drawn weights.</summary>
    /// <value>Default 0.02.</value>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Gets the id of the padding token, which tokenizers need; no padding enters the model.</summary>
    /// <value>Default 0.</value>
    public int PadTokenId { get; init; }

    /// <summary>Gets the label names by their number; one label means regression.</summary>
    /// <value>Default <c>LABEL_0</c>, <c>LABEL_1</c>.</value>
    public IReadOnlyList<string> Labels { get; init; } = ["LABEL_0", "LABEL_1"];

    /// <summary>Gets the longest row the model can read, in tokens, special tokens included.</summary>
    public int LongestRow => PositionCount - FirstPosition;

    /// <summary>Gets the row of the position table that a text's first token uses.</summary>
    public abstract int FirstPosition { get; }

    /// <summary>Where the parts are found in the family's checkpoints.</summary>
    internal abstract EncoderNames Names { get; }
}
