using LowRank.FineTuning.Training;
using TorchSharp;

namespace LowRank.Benchmarks;

/// <summary>One way to do a training step.</summary>
internal abstract class StepWay : IDisposable
{
    public abstract string Name { get; }

    /// <summary>Forward, loss, backward, optimizer step; leaves no tensor behind.</summary>
    public abstract void Step(StepData data);

    public abstract void Dispose();

    /// <summary>The step around a forward pass that gives one score per row.</summary>
    protected static void Train(StepData data, FlatAdamW optimizer, Func<torch.Tensor> forward)
    {
        using var scope = torch.NewDisposeScope();
        var loss = torch.nn.functional.mse_loss(forward().squeeze(1), torch.tensor(data.Targets));
        loss.backward();
        _ = optimizer.Step(1e-4, 1e-4);
    }
}
