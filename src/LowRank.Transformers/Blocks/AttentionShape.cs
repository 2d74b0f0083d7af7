using LowRank.Tensors;

namespace LowRank.Transformers.Blocks;

/// <summary>Which queries look at which keys, and how: all that attention needs but numbers.</summary>
/// <param name="Queries">Where each text's queries lie.</param>
/// <param name="Keys">Where each text's keys and values lie.</param>
/// <param name="Heads">The number of heads.</param>
/// <param name="HeadWidth">The width of one head.</param>
/// <param name="DropoutRate">The dropout rate of the probabilities; 0 for none.</param>
/// <param name="Dropout">The seed of the dropout masks; ignored when the rate is 0.</param>
internal sealed record AttentionShape(
    RowLayout Queries,
    RowLayout Keys,
    int Heads,
    int HeadWidth,
    double DropoutRate,
    Seed Dropout)
{
    public int Texts => Keys.Texts;

    public int Width => Heads * HeadWidth;

    /// <summary>What scores are multiplied by before the softmax.</summary>
    public float Scale { get; init; } = 1f / MathF.Sqrt(HeadWidth);

    /// <summary>Whether a text's query sees only the keys up to its own place.</summary>
    public bool Causal { get; init; }

    /// <summary>
    /// The columns of a bias [heads, columns] by distance: query i meets key j at column longest query - 1 - i + j.
    /// </summary>
    public int BiasColumns => Queries.Longest + Keys.Longest - 1;

    /// <summary>The mask's stream of one text and head: queries by keys, row by row.</summary>
    public Seed MaskSeed(int text, int head) => Dropout.For((text * Heads) + head);
}
