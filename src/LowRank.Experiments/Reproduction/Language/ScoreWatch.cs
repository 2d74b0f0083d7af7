using LowRank.FineTuning.Training;

namespace LowRank.Experiments.Reproduction.Language;

/// <summary>Remembers a run's evaluations, and tells how far it is.</summary>
/// <param name="score">The score to remember.</param>
/// <param name="steps">Steps of the run.</param>
/// <param name="progress">Is told; null for nobody.</param>
internal sealed class ScoreWatch(string score, int steps, IProgress<CellProgress>? progress) : TrainingObserver
{
    private const int TellEvery = 10;

    /// <summary>Steps and scores.</summary>
    public List<IReadOnlyList<double>> Scores { get; } = [];

    public override void Observe(TrainingEvent happened)
    {
        if (happened is TrainingEvent.Stepped step && step.Step % TellEvery == 0)
        {
            progress?.Report(new(step.Step, steps, FormattableString.Invariant($"loss {step.Loss:0.000}")));
        }
        else if (happened is TrainingEvent.Evaluated evaluated)
        {
            Scores.Add((double[])[evaluated.Step, Math.Round(evaluated.Scores.ToDictionary().GetValueOrDefault(score, double.NaN), 6)]);
        }
    }
}
