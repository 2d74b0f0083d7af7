using LowRank.FineTuning.Training;

namespace LowRank.FineTuning.Tests.Runs;

/// <summary>Stops a run after a step, as Ctrl-C does.</summary>
internal sealed class CancelAt(CancellationTokenSource source, int step) : TrainingObserver
{
    public override void Observe(TrainingEvent happened)
    {
        if (happened is TrainingEvent.Stepped stepped && stepped.Step == step)
        {
            source.Cancel();
        }
    }
}
