using LowRank.Transformers.Encoders;
using TorchSharp;
using TorchSharp.Modules;

namespace LowRank.Benchmarks;

/// <summary>The frozen products of real tokens: each weight once forward and once for its input's gradient.</summary>
internal sealed class FloorStep : StepWay
{
    private readonly torch.Tensor[] _weights;

    public FloorStep(string name, SequenceClassifier model)
    {
        Name = name;
        _weights = [.. model.named_modules()
            .Where(entry => entry.module is Linear && entry.name.Contains(".layer.", StringComparison.Ordinal))
            .Select(entry => (torch.Tensor)((Linear)entry.module).weight!)];
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
        foreach (var weight in _weights)
        {
            var (input, output) = (State(weight.size(1)), State(weight.size(0)));
            input.mm(weight.t()).Dispose();
            output.mm(weight).Dispose();
        }
    }
}
