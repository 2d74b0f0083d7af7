using LowRank.Tensors;

namespace LowRank.FineTuning.Pretraining;

/// <summary>Options of <see cref="SpanCorruptionTask"/>.</summary>
public sealed record SpanCorruptionOptions
{
    /// <summary>The tokens of text in a window.</summary>
    /// <value>128; at least 8.</value>
    public int WindowLength { get; init; } = 128;

    /// <summary>The share of tokens that are left out.</summary>
    /// <value>0.15, T5's; above 0 and at most 0.5.</value>
    public double NoiseDensity { get; init; } = 0.15;

    /// <summary>The mean number of tokens that are left out together.</summary>
    /// <value>3, T5's; at least 1.</value>
    public double MeanSpanLength { get; init; } = 3;

    /// <summary>Windows scored at a time.</summary>
    /// <value>32; at least 1.</value>
    public int EvaluationBatchSize { get; init; } = 32;

    internal void Validate()
    {
        Check.AtLeast(WindowLength, 8);
        Check.That(
            NoiseDensity is > 0 and <= 0.5,
            nameof(NoiseDensity),
            $"{nameof(NoiseDensity)}: got {NoiseDensity}; wanted a share above 0 and at most 0.5.");
        Check.That(
            MeanSpanLength >= 1 && MeanSpanLength <= WindowLength,
            nameof(MeanSpanLength),
            $"{nameof(MeanSpanLength)}: got {MeanSpanLength}; wanted 1 to the window's length, {WindowLength}.");
        Check.AtLeast(EvaluationBatchSize, 1);
    }
}
