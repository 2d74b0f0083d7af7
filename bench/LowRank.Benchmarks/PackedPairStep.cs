using LowRank.Adapters;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.T5;
using static TorchSharp.torch;

namespace LowRank.Benchmarks;

/// <summary>Ours: packed sources and targets, and an adapter set on the layers of the paper.</summary>
internal sealed class PackedPairStep : TimedStep<PairData>
{
    private readonly T5ForConditionalGeneration _model;
    private readonly AdapterSet _adapters;
    private readonly FlatAdamW _optimizer;

    public PackedPairStep(
        string name, T5ForConditionalGeneration model, AdapterOptions options, TargetSelector targets, PairData first)
    {
        Name = name;
        _model = model;
        _adapters = AdapterSet.Attach(model, options, targets, Seed.From(11), firstLosses: [() => Loss(first)]);
        _optimizer = new(_adapters.Trained());
        _adapters.Enabled = false;
    }

    public override string Name { get; }

    public override void Step(PairData data)
    {
        _adapters.Enabled = true;
        using var scope = NewDisposeScope();
        Loss(data).backward();
        _ = _optimizer.Step(1e-4, 1e-4);
        _adapters.Enabled = false;
    }

    public override void Dispose()
    {
        _optimizer.Dispose();
        _adapters.Dispose();
    }

    private Tensor Loss(PairData data)
    {
        using var batch = SourceTargetBatch.Create(
            data.Sources, data.Targets, _model.Config.StartTokenId, dropout: data.Dropout);
        return _model.Loss(batch);
    }
}
