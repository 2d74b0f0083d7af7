namespace LowRank.Benchmarks;

/// <summary>One way to do a training step on a batch of some kind; its name begins with a letter of its own.</summary>
internal abstract class TimedStep<TBatch> : IDisposable
{
    public abstract string Name { get; }

    /// <summary>Forward, loss, backward, optimizer step; leaves no tensor behind.</summary>
    public abstract void Step(TBatch data);

    public abstract void Dispose();
}
