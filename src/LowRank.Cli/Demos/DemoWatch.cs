using LowRank.Cli.Terminal;
using LowRank.FineTuning.Training;

namespace LowRank.Cli.Demos;

/// <summary>Shows how far a demo's training is, and remembers its validation scores.</summary>
/// <param name="what">What is trained.</param>
internal sealed class DemoWatch(string what) : TrainingObserver
{
    private readonly StepProgress _progress = new(what);
    private readonly List<TrainingEvent.Evaluated> _evaluations = [];
    private int _total;

    public IReadOnlyList<(double X, double Y)> Curve(string score) =>
        [.. _evaluations.Select(evaluation => ((double)evaluation.Step, evaluation.Scores.ToDictionary()[score]))];

    public override void Observe(TrainingEvent happened)
    {
        switch (happened)
        {
            case TrainingEvent.Started started:
                _total = started.TotalSteps;
                break;
            case TrainingEvent.Stepped step:
                _progress.Report(step.Step, _total, $"loss {DemoStage.Number(step.Loss)}");
                break;
            case TrainingEvent.Evaluated evaluated:
                _evaluations.Add(evaluated);
                break;
            case TrainingEvent.Finished:
                Screen.ClearMovingLine();
                break;
        }
    }
}
