using System.Globalization;
using LowRank.Tensors;

namespace LowRank.FineTuning.Training;

/// <summary>
/// Tells a person how a run goes: one line at the start, at every evaluation, now and then, and at the end.
/// </summary>
/// <param name="writer">Where to; not owned.</param>
/// <param name="every">Steps between lines; null for a tenth of an epoch.</param>
public sealed class ProgressLines(TextWriter writer, int? every = null) : TrainingObserver
{
    private readonly TextWriter _writer = Check.NotNull(writer);
    private int _every = 1;
    private int _total;

    /// <inheritdoc/>
    public override void Observe(TrainingEvent happened)
    {
        switch (happened)
        {
            case TrainingEvent.Started started:
                _every = every ?? Math.Max(1, started.StepsPerEpoch / 10);
                _total = started.TotalSteps;
                _writer.WriteLine(started.Parameters);
                Line($"{started.Rows} rows, {started.StepsPerEpoch} steps per epoch, {started.TotalSteps} steps");
                if (started.Step > 0)
                {
                    Line($"resumed after step {started.Step}");
                }

                break;
            case TrainingEvent.Stepped step when step.Step % _every == 0 || step.Step == _total:
                var speed = step.Rows / step.Seconds;
                var rate = step.LearningRate;
                Line($"step {step.Step}/{_total}  loss {step.Loss:F4}  rate {rate:G3}  {speed:F1} samples/s");
                break;
            case TrainingEvent.Evaluated evaluated:
                var scores = string.Join("  ", evaluated.Scores.Select(score => Text($"{score.Key} {score.Value:F4}")));
                Line($"step {evaluated.Step}/{_total}  {scores}{(evaluated.IsBest ? "  (best so far)" : "")}");
                break;
            case TrainingEvent.Finished { Result: var result }:
                Line($"ended after step {result.Steps}: {Words(result)}");
                _writer.WriteLine(result.Throughput);
                break;
        }
    }

    private static string Words(TrainingResult result) => result.Reason switch
    {
        StopReason.Completed => $"all steps taken; kept step {result.KeptStep}",
        StopReason.NoImprovement => $"no improvement of {result.MainScore} any more; kept step {result.KeptStep}",
        StopReason.Cancelled => "cancelled; resume to go on",
        StopReason.LossNotFinite =>
            $"the loss became NaN or infinite; kept step {result.KeptStep}. Try a lower learning rate",
        _ => $"the gradient became NaN or infinite; kept step {result.KeptStep}. Try a lower learning rate",
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private void Line(FormattableString text) => _writer.WriteLine(Text(text));
}
