using LowRank.FineTuning.Training;
using TorchSharp;

namespace LowRank.Benchmarks;

/// <summary>One way to do a training step of a classifier.</summary>
internal abstract class StepWay : TimedStep<StepData>
{
    /// <summary>The step around a forward pass that gives one score per row.</summary>
    protected static void Train(StepData data, FlatAdamW optimizer, Func<torch.Tensor> forward)
    {
        using var scope = torch.NewDisposeScope();
        var loss = torch.nn.functional.mse_loss(forward().squeeze(1), torch.tensor(data.Targets));
        loss.backward();
        _ = optimizer.Step(1e-4, 1e-4);
    }
}
