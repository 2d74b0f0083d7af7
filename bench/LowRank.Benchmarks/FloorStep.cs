using LowRank.Tensors;
using LowRank.Transformers.Encoders;
using TorchSharp;

namespace LowRank.Benchmarks;

/// <summary>The frozen products of real tokens: each weight once forward and once for its input's gradient.</summary>
internal sealed class FloorStep : StepWay
{
    private readonly DenseLayer[] _layers;

    public FloorStep(string name, SequenceClassifier model)
    {
        Name = name;
        _layers = [.. model.named_modules()
            .Where(entry => entry.name.Contains(".layer.", StringComparison.Ordinal))
            .Select(entry => entry.module)
            .OfType<DenseLayer>()];
    }

    public override string Name { get; }

    public override void Dispose()
    {
    }

    public override void Step(StepData data)
    {
        using var scope = torch.NewDisposeScope();
        using var frozen = torch.no_grad();
        Dictionary<long, torch.Tensor> states = [];
        torch.Tensor State(long width) => states.TryGetValue(width, out var state)
            ? state
            : states[width] = torch.ones(data.Tokens, width);
        foreach (var layer in _layers)
        {
            FrozenProduct.Apply(State(layer.Weight.size(1)), layer.Weight).Dispose();
            FrozenProduct.Back(State(layer.Weight.size(0)), layer.Weight).Dispose();
        }
    }
}
