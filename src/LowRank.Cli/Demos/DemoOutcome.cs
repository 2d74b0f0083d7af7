using LowRank.FineTuning.Training;

namespace LowRank.Cli.Demos;

/// <summary>How one method did on a demo's task.</summary>
internal sealed record DemoOutcome(
    string Method, long TrainedNumbers, TrainingResult Result, double Seconds, double TestScore, int TestRows, IReadOnlyList<(double X, double Y)> Curve)
{
    public IReadOnlyList<string> Cells() =>
    [
        Method, DemoStage.Number(TrainedNumbers, "N0"), DemoStage.Number(Result.Steps, "0"), DemoStage.Number(Seconds, "0.0"),
        DemoStage.Number(ValidationScore), DemoStage.Number(TestScore),
    ];

    public object Figures() => new { Method, TrainedNumbers, Result.Steps, Seconds, Result.MainScore, ValidationScore, TestScore, TestRows };

    private double ValidationScore => Result.BestScores.ToDictionary()[Result.MainScore];
}
