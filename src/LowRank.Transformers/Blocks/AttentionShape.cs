using LowRank.Tensors;

namespace LowRank.Transformers.Blocks;

/// <summary>Which queries look at which keys, in packed rows, and how: all that attention needs but numbers.</summary>
/// <param name="QueryOffsets">Where each text's queries begin and, last, the query count.</param>
/// <param name="KeyOffsets">Where each text's keys and values begin and, last, the key count.</param>
/// <param name="Heads">The number of heads.</param>
/// <param name="HeadWidth">The width of one head.</param>
/// <param name="DropoutRate">The dropout rate of the probabilities; 0 for none.</param>
/// <param name="Dropout">The seed of the dropout masks; ignored when the rate is 0.</param>
internal sealed record AttentionShape(
    IReadOnlyList<int> QueryOffsets,
    IReadOnlyList<int> KeyOffsets,
    int Heads,
    int HeadWidth,
    double DropoutRate,
    Seed Dropout)
{
    public int Texts => KeyOffsets.Count - 1;

    public int Width => Heads * HeadWidth;

    public float Scale => 1f / MathF.Sqrt(HeadWidth);

    public int LongestQuery => Longest(QueryOffsets);

    public int LongestKey => Longest(KeyOffsets);

    /// <summary>The mask's stream of one text and head: queries by keys, row by row.</summary>
    public Seed MaskSeed(int text, int head) => Dropout.For((text * Heads) + head);

    private static int Longest(IReadOnlyList<int> offsets)
    {
        var longest = 0;
        for (var i = 0; i + 1 < offsets.Count; i++)
        {
            longest = Math.Max(longest, offsets[i + 1] - offsets[i]);
        }

        return longest;
    }
}
