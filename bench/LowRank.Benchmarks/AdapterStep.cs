using LowRank.Adapters;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.Encoders;
using TorchSharp;

namespace LowRank.Benchmarks;

/// <summary>Ours: packed rows, the library's own adapters and optimizer.</summary>
internal sealed class AdapterStep : StepWay, IDisposable
{
    private readonly SequenceClassifier _model;
    private readonly AdapterSet _adapters;
    private readonly FlatAdamW _optimizer;

    public AdapterStep(string name, SequenceClassifier model, AdapterOptions options, StepData first)
    {
        Name = name;
        _model = model;
        var targets = TargetSelector.AllLinear() with { Exclude = model.HeadLayers };
        _adapters = AdapterSet.Attach(model, options, targets, Seed.From(1), firstLoss: () => Loss(first));
        _optimizer = new FlatAdamW(_adapters.Trained());
        _adapters.Enabled = false;
    }

    public override string Name { get; }

    public override void Step(StepData data)
    {
        _adapters.Enabled = true;
        using (torch.NewDisposeScope())
        {
            Loss(data).backward();
            _optimizer.Step(1e-4, 1e-4, 1);
        }

        _adapters.Enabled = false;
    }

    public void Dispose()
    {
        _adapters.Dispose();
        _optimizer.Dispose();
    }

    private torch.Tensor Loss(StepData data)
    {
        using var scope = torch.NewDisposeScope();
        using var batch = TokenBatch.Create(data.Ids, dropout: data.Dropout);
        return torch.nn.functional.mse_loss(_model.call(batch).squeeze(1), torch.tensor(data.Targets))
            .MoveToOuterDisposeScope();
    }
}
