using LowRank.Tensors;

namespace LowRank.Transformers.Tokenization;

/// <summary>Options of <see cref="UnigramTrainer"/>.</summary>
public sealed record UnigramTrainingOptions
{
    /// <summary>The most pieces, special tokens, sentinels and single characters included.</summary>
    /// <value>8,000; T5 has some 32,000, from far more text. At least 300.</value>
    public int Size { get; init; } = 8000;

    /// <summary>The number of sentinels, <c>&lt;extra_id_0&gt;</c> and so on, which stand for what is left out of a
    /// text.</summary>
    /// <value>100, T5's; at least 0.</value>
    public int Sentinels { get; init; } = 100;

    /// <summary>The most characters of a piece; at least 1.</summary>
    /// <value>16, SentencePiece's.</value>
    public int LongestPiece { get; init; } = 16;

    internal void Validate()
    {
        Check.AtLeast(Size, 300);
        Check.InRange(Sentinels, 0, Size - 200);
        Check.AtLeast(LongestPiece, 1);
    }
}
