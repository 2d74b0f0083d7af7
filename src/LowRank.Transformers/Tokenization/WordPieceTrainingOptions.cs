using LowRank.Tensors;

namespace LowRank.Transformers.Tokenization;

/// <summary>Options of <see cref="WordPieceTrainer"/>.</summary>
public sealed record WordPieceTrainingOptions
{
    /// <summary>The most pieces, special tokens and single characters included.</summary>
    /// <value>8,000; BERT has some 30,000, from far more text. At least 300.</value>
    public int Size { get; init; } = 8000;

    /// <summary>Whether text is lower-cased and loses its accents.</summary>
    /// <value>True.</value>
    public bool LowerCase { get; init; } = true;

    /// <summary>How often two pieces must stand side by side to become one; at least 1.</summary>
    /// <value>2.</value>
    public int LeastCount { get; init; } = 2;

    internal void Validate()
    {
        Check.AtLeast(Size, 300);
        Check.AtLeast(LeastCount, 1);
    }
}
