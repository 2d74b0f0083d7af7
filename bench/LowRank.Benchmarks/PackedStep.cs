using LowRank.Transformers.Blocks;
using LowRank.Transformers.Encoders;
using TorchSharp;
using TorchSharp.Modules;

namespace LowRank.Benchmarks;

/// <summary>Ours: packed rows, factors added in place by forward hooks.</summary>
internal sealed class PackedStep : StepWay
{
    private readonly SequenceClassifier _model;
    private readonly torch.optim.Optimizer _optimizer;
    private bool _attached;

    public PackedStep(string name, SequenceClassifier model, int rank)
    {
        Name = name;
        _model = model;
        var factors = new List<Parameter>();
        foreach (var (path, module) in model.named_modules())
        {
            if (module is Linear layer && !model.HeadLayers.Contains(path))
            {
                var pair = new LoraPair(layer, rank);
                factors.AddRange([pair.Down, pair.Up]);
                _ = layer.register_forward_hook((_, input, output) => _attached ? Add(pair, input, output) : output);
            }
        }

        _optimizer = torch.optim.AdamW(factors, lr: 1e-4);
    }

    public override string Name { get; }

    public override void Step(StepData data)
    {
        _attached = true;
        using var batch = TokenBatch.Create(data.Ids, dropout: data.Dropout);
        Train(data, _optimizer, () => _model.call(batch));
        _attached = false;
    }

    private static torch.Tensor Add(LoraPair pair, torch.Tensor input, torch.Tensor output)
    {
        using var scope = torch.NewDisposeScope();
        var inner = input.mm(pair.Down.t()); // [tokens, rank]

        // The copy of the small factor puts its gradient's product in the orientation that BLAS is fast in.
        return output.addmm_(inner, pair.Up.t().contiguous(), 1, 1);
    }
}
