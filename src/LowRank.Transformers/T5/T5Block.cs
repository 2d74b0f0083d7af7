using LowRank.Transformers.Blocks;
using TorchSharp;

namespace LowRank.Transformers.T5;

/// <summary>One layer: attention to itself, in the decoder to the source, and feed-forward; norms come first.</summary>
internal sealed class T5Block : torch.nn.Module
{
    private readonly T5Config _config;
    private readonly int _index;
    private readonly string _place;
    private readonly T5Attention _self;
    private readonly RmsNorm _selfNorm;
    private readonly T5Attention? _cross;
    private readonly RmsNorm? _crossNorm;
    private readonly T5FeedForward _feedForward;
    private readonly RmsNorm _feedForwardNorm;

    public T5Block(T5Config config, int index, bool decodes)
        : base("block")
    {
        _config = config;
        _index = index;
        _place = $"{(decodes ? "decoder" : "encoder")}.block.{index}";
        _self = new(config);
        _selfNorm = Norm();
        _feedForward = new(config);
        _feedForwardNorm = Norm();
        this.Place("layer.0.SelfAttention", _self);
        this.Place("layer.0.layer_norm", _selfNorm);
        if (decodes)
        {
            _cross = new(config);
            _crossNorm = Norm();
            this.Place("layer.1.EncDecAttention", _cross);
            this.Place("layer.1.layer_norm", _crossNorm);
        }

        var last = decodes ? 2 : 1;
        this.Place($"layer.{last}.DenseReluDense", _feedForward);
        this.Place($"layer.{last}.layer_norm", _feedForwardNorm);
    }

    /// <summary>The layer's hidden states, [tokens, hidden]; the caller's scope owns them.</summary>
    public torch.Tensor Run(torch.Tensor hidden, T5Pass pass)
    {
        using var scope = torch.NewDisposeScope();
        var normed = _selfNorm.call(hidden);
        var memory = _self.Memory(normed);
        memory = pass.Cache?.Append(_index, memory) ?? memory;
        hidden = Add(_self.Attend(normed, memory, pass.Self($"{_place}/self"), pass.Bias), hidden, pass, "self");
        if (pass.Source is { } source)
        {
            normed = _crossNorm!.call(hidden);
            memory = source.Memory(_index, _cross!.Memory);
            var seen = _cross.Attend(normed, memory, pass.Cross(source, $"{_place}/cross"), null);
            hidden = Add(seen, hidden, pass, "cross");
        }

        var fed = _feedForward.Run(_feedForwardNorm.call(hidden), pass.Tokens, _place);
        return Add(fed, hidden, pass, "output").MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    /// <remarks>Parts are placed under their checkpoint paths; their fields' names must not add a second one.</remarks>
    protected override void RegisterComponents()
    {
    }

    private torch.Tensor Add(torch.Tensor part, torch.Tensor hidden, T5Pass pass, string name) =>
        pass.Tokens.DropAndAdd(part, hidden, _config.DropoutRate, $"{_place}/{name}");

    private RmsNorm Norm() => new(_config.HiddenSize, _config.LayerNormEpsilon);
}
