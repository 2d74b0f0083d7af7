using LowRank.Transformers.Blocks;
using TorchSharp;

namespace LowRank.Transformers.T5;

/// <summary>The encoder or the decoder: blocks that share one bias by distance, and a norm.</summary>
internal sealed class T5Stack : torch.nn.Module
{
    private readonly T5Config _config;
    private readonly string _place;
    private readonly RelativePositions _positions;
    private readonly List<T5Block> _blocks = [];
    private readonly RmsNorm _norm;

    public T5Stack(T5Config config, bool decodes)
        : base("stack")
    {
        _config = config;
        _place = decodes ? "decoder" : "encoder";
        for (var index = 0; index < (decodes ? config.DecoderLayerCount : config.EncoderLayerCount); index++)
        {
            _blocks.Add(new(config, index, decodes));
            this.Place($"block.{index}", _blocks[^1]);
        }

        var table = Layers.Embedding(config.BucketCount, config.HeadCount);
        _positions = new(table, config.BucketCount, config.FarthestDistance, bothWays: !decodes);
        _norm = new(config.HiddenSize, config.LayerNormEpsilon);
        this.Place("block.0.layer.0.SelfAttention.relative_attention_bias", table);
        this.Place("final_layer_norm", _norm);
    }

    /// <summary>The last hidden states, [tokens, hidden]; the caller's scope owns them.</summary>
    public torch.Tensor Run(torch.Tensor embedded, T5Pass pass)
    {
        using var scope = torch.NewDisposeScope();
        pass = pass with { Bias = _positions.Bias(pass.Self(_place)) };
        var hidden = pass.Tokens.Drop(embedded, _config.DropoutRate, $"{_place}/embeddings");
        foreach (var block in _blocks)
        {
            hidden = block.Run(hidden, pass);
        }

        return pass.Tokens.Drop(_norm.call(hidden), _config.DropoutRate, $"{_place}/last").MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    /// <remarks>Parts are placed under their checkpoint paths; their fields' names must not add a second one.</remarks>
    protected override void RegisterComponents()
    {
    }
}
