using LowRank.Experiments.Comparisons;
using LowRank.Experiments.Statistics;

namespace LowRank.Experiments.Reports;

/// <summary>How a method did at one number of samples, rank and learning rate, over all seeds.</summary>
public sealed record MethodScore
{
    /// <summary>Training rows.</summary>
    public required int Samples { get; init; }

    /// <summary>The rank; 0 of a method without ranks.</summary>
    public required int Rank { get; init; }

    /// <summary>The method.</summary>
    public required string Method { get; init; }

    /// <summary>The learning rate.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The same as a multiple of the method's default.</summary>
    public required double RateMultiple { get; init; }

    /// <summary>The scores on the test rows.</summary>
    public required ScoreSummary Test { get; init; }

    /// <summary>The mean score on the validation rows: what the learning rate is chosen by.</summary>
    public required double Validation { get; init; }

    /// <summary>Runs whose loss or gradient became infinite or not-a-number.</summary>
    public required int Diverged { get; init; }

    /// <summary>Median steps to each loss level; null where half of the runs or more never came there.</summary>
    public required IReadOnlyList<double?> StepsToLoss { get; init; }

    /// <summary>The runs, by seed.</summary>
    internal IReadOnlyList<ComparisonRun> Runs { get; init; } = [];
}
