using LowRank.Tensors;

namespace LowRank.FineTuning.Pretraining;

/// <summary>Options of <see cref="MaskedLanguageTask"/>.</summary>
public sealed record MaskedLanguageOptions
{
    /// <summary>
    /// Whether rows are pairs of lines, and the model learns as well whether the second follows the first in its
    /// passage; else rows are windows full of text.
    /// </summary>
    /// <value>False. True teaches a model to compare two texts, which small ones do not learn from windows.</value>
    public bool Pairs { get; init; }

    /// <summary>The tokens of a window, or the most of a pair, special tokens included.</summary>
    /// <value>128; at least 8 and at most what the model can read.</value>
    public int WindowLength { get; init; } = 128;

    /// <summary>The share of tokens that are hidden, in whole words.</summary>
    /// <value>0.15, BERT's; above 0 and below 1.</value>
    public double MaskShare { get; init; } = 0.15;

    /// <summary>Windows scored at a time.</summary>
    /// <value>32; at least 1.</value>
    public int EvaluationBatchSize { get; init; } = 32;

    internal void Validate(int longest)
    {
        Check.InRange(WindowLength, 8, longest);
        Check.That(
            MaskShare is > 0 and < 1,
            nameof(MaskShare),
            $"{nameof(MaskShare)}: got {MaskShare}; wanted a share above 0 and below 1.");
        Check.AtLeast(EvaluationBatchSize, 1);
    }
}
