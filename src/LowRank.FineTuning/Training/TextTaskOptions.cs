using LowRank.FineTuning.Metrics;
using LowRank.Tensors;

namespace LowRank.FineTuning.Training;

/// <summary>Options of <see cref="TextTask"/>.</summary>
public sealed record TextTaskOptions
{
    /// <summary>The most tokens of a text, special tokens included; longer texts are cut.</summary>
    /// <value>128; at most what the model can read.</value>
    public int MaxLength { get; init; } = 128;

    /// <summary>What decides which weights are best.</summary>
    /// <value>Null: accuracy of classes, Pearson's correlation of numbers.</value>
    public Metric? Metric { get; init; }

    /// <summary>A weight per class in the loss; null for none.</summary>
    /// <value>Null. <c>ExampleSet.ClassWeights</c> gives those that balance the classes.</value>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>Rows scored at a time.</summary>
    /// <value>64; at least 1.</value>
    public int EvaluationBatchSize { get; init; } = 64;

    internal void Validate(int classes, int longest)
    {
        Check.InRange(MaxLength, 4, longest);
        Check.AtLeast(EvaluationBatchSize, 1);
        Check.That(
            ClassWeights is null || ClassWeights.Count == classes,
            nameof(ClassWeights),
            $"{nameof(ClassWeights)}: got {ClassWeights?.Count}; wanted {classes}, one per class.");
        foreach (var weight in ClassWeights ?? [])
        {
            Check.NotNegative(weight, nameof(ClassWeights));
        }
    }
}
