using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using TorchSharp;
using TorchSharp.Modules;

namespace LowRank.Transformers.Encoders;

/// <summary>One encoder layer: attention and feed-forward, each with a residual and a norm after it.</summary>
internal sealed class EncoderLayer : torch.nn.Module<torch.Tensor, EncoderPass, bool, torch.Tensor>
{
    private readonly EncoderConfig _config;
    private readonly string _place;
    private readonly DenseLayer _query;
    private readonly DenseLayer _key;
    private readonly DenseLayer _value;
    private readonly DenseLayer _attentionOutput;
    private readonly LayerNorm _attentionNorm;
    private readonly DenseLayer _up;
    private readonly DenseLayer _down;
    private readonly LayerNorm _outputNorm;

    public EncoderLayer(EncoderConfig config, int index)
        : base("layer")
    {
        _config = config;
        _place = $"layer.{index}";
        var (hidden, wide) = (config.HiddenSize, config.IntermediateSize);
        _query = Layers.Linear(hidden, hidden);
        _key = Layers.Linear(hidden, hidden);
        _value = Layers.Linear(hidden, hidden);
        _attentionOutput = Layers.Linear(hidden, hidden);
        _attentionNorm = Layers.Norm(hidden, config.LayerNormEpsilon);
        _up = Layers.Linear(hidden, wide);
        _down = Layers.Linear(wide, hidden);
        _outputNorm = Layers.Norm(hidden, config.LayerNormEpsilon);
        var names = config.Names;
        this.Place(names.Query, _query);
        this.Place(names.Key, _key);
        this.Place(names.Value, _value);
        this.Place(names.AttentionOutput, _attentionOutput);
        this.Place(names.AttentionNorm, _attentionNorm);
        this.Place(names.Up, _up);
        this.Place(names.Down, _down);
        this.Place(names.OutputNorm, _outputNorm);
    }

    /// <summary>The layer's hidden states.</summary>
    /// <param name="hidden">Hidden states of all tokens [tokens, hidden].</param>
    /// <param name="pass">The batch and its dropout.</param>
    /// <param name="firstOnly">Whether only each row's first token is wanted.</param>
    /// <returns>[tokens, hidden], or [rows, hidden] for first tokens only; the caller's scope owns it.</returns>
    /// <remarks>
    /// First tokens look at all tokens, but nobody looks at the others' results: their queries, attention output and
    /// feed-forward are never computed. The result is the same.
    /// </remarks>
    public override torch.Tensor forward(torch.Tensor hidden, EncoderPass pass, bool firstOnly)
    {
        using var scope = torch.NewDisposeScope();
        var batch = pass.Batch;
        var asking = firstOnly ? hidden.index_select(0, batch.FirstTokens) : hidden;
        var shape = new AttentionShape(
            firstOnly ? RowLayout.Uniform(batch.Rows, 1) : batch.Layout,
            batch.Layout,
            _config.HeadCount,
            _config.HiddenSize / _config.HeadCount,
            pass.Dropout is null ? 0 : _config.AttentionDropout,
            pass.SeedOf($"{_place}/probabilities"));
        var context = MultiHeadAttention.Attend(
            _query.call(asking), _key.call(hidden), _value.call(hidden), shape);
        var rate = _config.HiddenDropout;
        var attended = _attentionNorm.call(
            pass.DropAndAdd(_attentionOutput.call(context), asking, rate, $"{_place}/attention"));
        var wide = Activations.Apply(_config.Activation, _up.call(attended)); // [tokens, intermediate]
        return _outputNorm.call(pass.DropAndAdd(_down.call(wide), attended, rate, $"{_place}/output"))
            .MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    /// <remarks>Parts are placed under their checkpoint paths; their fields' names must not add a second one.</remarks>
    protected override void RegisterComponents()
    {
    }
}
