using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.Encoders;
using TorchSharp;

namespace LowRank.Transformers.T5;

/// <summary>Two products with a curve between them; in T5 1.1 a third gates the curve.</summary>
internal sealed class T5FeedForward : torch.nn.Module
{
    private readonly T5Config _config;
    private readonly DenseLayer _up;
    private readonly DenseLayer? _gated;
    private readonly DenseLayer _down;

    public T5FeedForward(T5Config config)
        : base("feed_forward")
    {
        _config = config;
        _up = Layers.Product(config.HiddenSize, config.IntermediateSize);
        _down = Layers.Product(config.IntermediateSize, config.HiddenSize);
        if (config.IsGated)
        {
            _gated = Layers.Product(config.HiddenSize, config.IntermediateSize);
            this.Place("wi_0", _up);
            this.Place("wi_1", _gated);
        }
        else
        {
            this.Place("wi", _up);
        }

        this.Place("wo", _down);
    }

    /// <summary>The block's result, [tokens, hidden]; the caller's scope owns it.</summary>
    public torch.Tensor Run(torch.Tensor hidden, EncoderPass pass, string place)
    {
        var curved = Activations.Apply(_config.Activation, _up.call(hidden));
        var wide = _gated is null ? curved : curved * _gated.call(hidden);
        return _down.call(pass.Drop(wide, _config.DropoutRate, $"{place}/inner"));
    }

    /// <inheritdoc/>
    /// <remarks>Parts are placed under their checkpoint paths; their fields' names must not add a second one.</remarks>
    protected override void RegisterComponents()
    {
    }
}
