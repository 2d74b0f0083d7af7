using LowRank.Adapters;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.Encoders;
using static TorchSharp.torch;

namespace LowRank.Benchmarks;

/// <summary>Ours: packed rows and an adapter set on every linear layer.</summary>
internal sealed class PackedStep : StepWay
{
    private readonly SequenceClassifier _model;
    private readonly AdapterSet _adapters;
    private readonly FlatAdamW _optimizer;

    public PackedStep(string name, SequenceClassifier model, AdapterOptions options, StepData first)
    {
        Name = name;
        _model = model;
        _adapters = AdapterSet.Attach(
            model,
            options,
            TargetSelector.AllLinear() with { Exclude = model.HeadLayers },
            Seed.From(11),
            firstLosses: [() => Loss(first)]);
        _optimizer = new(_adapters.Trained());
        _adapters.Enabled = false;
    }

    public override string Name { get; }

    public override void Step(StepData data)
    {
        _adapters.Enabled = true;
        using var batch = TokenBatch.Create(data.Ids, dropout: data.Dropout);
        Train(data, _optimizer, () => _model.call(batch));
        _adapters.Enabled = false;
    }

    private Tensor Loss(StepData data)
    {
        using var scope = NewDisposeScope();
        using var batch = TokenBatch.Create(data.Ids);
        return nn.functional.mse_loss(_model.call(batch).squeeze(1), tensor(data.Targets)).MoveToOuterDisposeScope();
    }

    public override void Dispose()
    {
        _optimizer.Dispose();
        _adapters.Dispose();
    }
}
