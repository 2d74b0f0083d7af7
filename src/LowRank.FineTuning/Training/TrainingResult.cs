namespace LowRank.FineTuning.Training;

/// <summary>How a training run ended.</summary>
public sealed record TrainingResult
{
    /// <summary>Why it ended.</summary>
    public required StopReason Reason { get; init; }

    /// <summary>Steps taken over all sessions of the run.</summary>
    public required int Steps { get; init; }

    /// <summary>The step whose weights the model has now.</summary>
    public required int KeptStep { get; init; }

    /// <summary>The main score's name.</summary>
    public required string MainScore { get; init; }

    /// <summary>All scores of the best evaluation, in the task's order; empty when there was none.</summary>
    public required IReadOnlyList<KeyValuePair<string, double>> BestScores { get; init; }

    /// <summary>The mean loss over the last steps, at most 50; NaN when none was taken.</summary>
    public required double TrainingLoss { get; init; }

    /// <summary>Speed of this session.</summary>
    public required Throughput Throughput { get; init; }
}
