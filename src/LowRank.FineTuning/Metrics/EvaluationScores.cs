namespace LowRank.FineTuning.Metrics;

/// <summary>The scores of a set of predictions, by name.</summary>
public abstract record EvaluationScores
{
    /// <summary>The number of rows that were scored.</summary>
    public required int Count { get; init; }

    /// <summary>Each score under the name of its <see cref="Metric"/>; not-a-number where it has no meaning.</summary>
    public abstract IReadOnlyDictionary<string, double> Values { get; }
}
