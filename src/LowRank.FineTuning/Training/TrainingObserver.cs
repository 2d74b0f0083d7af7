namespace LowRank.FineTuning.Training;

/// <summary>Watches a training run: writes a log, draws a line, records a spectrum.</summary>
public abstract class TrainingObserver
{
    /// <summary>Called synchronously, in order, for everything that happens.</summary>
    /// <param name="happened">What happened.</param>
    public abstract void Observe(TrainingEvent happened);
}
