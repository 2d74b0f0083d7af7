using LowRank.FineTuning.Metrics;
using LowRank.Tensors;

namespace LowRank.FineTuning.Training;

/// <summary>Options of <see cref="GeneratorTask"/>.</summary>
public sealed record GeneratorTaskOptions
{
    /// <summary>The most tokens of a source, its end token included; longer ones are cut.</summary>
    /// <value>128; at least 2.</value>
    public int MaxLength { get; init; } = 128;

    /// <summary>Prefix, target lengths, smoothing, and how texts are written.</summary>
    /// <value>The defaults.</value>
    public GeneratorOptions Generator { get; init; } = new();

    /// <summary>What decides which weights are best.</summary>
    /// <value>Null: the loss.</value>
    public Metric? Metric { get; init; }

    /// <summary>Rows scored at a time.</summary>
    /// <value>32; at least 1.</value>
    public int EvaluationBatchSize { get; init; } = 32;

    internal void Validate(int vocabulary)
    {
        Check.AtLeast(MaxLength, 2);
        Check.AtLeast(EvaluationBatchSize, 1);
        Check.NotNull(Generator).Validate(vocabulary);
    }
}
