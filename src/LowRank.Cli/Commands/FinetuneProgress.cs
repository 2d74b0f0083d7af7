using System.Globalization;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Training;

namespace LowRank.Cli.Commands;

/// <summary>Tells how a fine-tuning run goes: a moving line with the time left, and a line per evaluation.</summary>
internal sealed class FinetuneProgress(Screen screen) : TrainingObserver
{
    private const int Window = 20;
    private readonly Queue<TrainingEvent.Stepped> _latest = [];
    private StepProgress _progress = new("training");
    private int _total;

    public override void Observe(TrainingEvent happened)
    {
        switch (happened)
        {
            case TrainingEvent.Started started:
                _total = started.TotalSteps;
                _progress = new("training", started.Step);
                screen.Note(started.Parameters.ToString());
                screen.Note(Text($"{started.Rows} rows, {started.StepsPerEpoch} steps per epoch, {_total} steps at most"));
                if (started.Step > 0)
                {
                    screen.Note(Text($"going on after step {started.Step}"));
                }

                break;
            case TrainingEvent.Stepped step:
                _latest.Enqueue(step);
                if (_latest.Count > Window)
                {
                    _latest.Dequeue();
                }

                _progress.Report(step.Step, _total, Details());
                break;
            case TrainingEvent.Evaluated evaluated:
                Screen.ClearMovingLine();
                var scores = string.Join(", ", evaluated.Scores.Select(score => Text($"{score.Key} {score.Value:0.0000}")));
                screen.Note(Text($"step {evaluated.Step} of {_total}: {scores}{(evaluated.IsBest ? " (best so far)" : "")}"));
                break;
            case TrainingEvent.Finished:
                Screen.ClearMovingLine();
                break;
        }
    }

    // Means over the latest steps: single ones jump about.
    private string Details()
    {
        var seconds = _latest.Sum(step => step.Seconds);
        return Text(
            $"loss {_latest.Average(step => step.Loss):0.0000}, {_latest.Sum(step => step.Rows) / seconds:0.0} samples/s, {_latest.Sum(step => step.Tokens) / seconds:0} tokens/s");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
