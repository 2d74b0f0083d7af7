namespace LowRank.FineTuning.Training;

/// <summary>How far a run is: everything but its tensors.</summary>
internal sealed record TrainingProgress
{
    public const int LossWindow = 50;

    public int Step { get; init; }

    public int OptimizerSteps { get; init; }

    public int? BestStep { get; init; }

    public IReadOnlyList<KeyValuePair<string, double>> BestScores { get; init; } = [];

    /// <summary>Evaluations since the best one.</summary>
    public int Waited { get; init; }

    /// <summary>The latest losses, at most <see cref="LossWindow"/>.</summary>
    public IReadOnlyList<double> Losses { get; init; } = [];

    public TrainingProgress After(double loss, int optimizerSteps) => this with
    {
        Step = Step + 1,
        OptimizerSteps = optimizerSteps,
        Losses = [.. Losses.TakeLast(LossWindow - 1), loss],
    };

    public bool Improves(double score, string mainScore, bool higherIsBetter)
    {
        var best = BestStep is null ? double.NaN : BestScores.First(entry => entry.Key == mainScore).Value;
        return double.IsNaN(best) ? BestStep is null || !double.IsNaN(score)
            : higherIsBetter ? score > best
            : score < best;
    }
}
