using LowRank.Transformers.Blocks;
using TorchSharp;
using TorchSharp.Modules;

namespace LowRank.Transformers.Encoders;

/// <summary>Word, position and (where the family has them) type embeddings, summed and normed.</summary>
internal sealed class TokenEmbeddings : torch.nn.Module<EncoderPass, torch.Tensor>
{
    private readonly EncoderConfig _config;
    private readonly Embedding _words;
    private readonly Embedding _positions;
    private readonly Embedding? _types;
    private readonly LayerNorm _norm;

    public TokenEmbeddings(EncoderConfig config)
        : base("embeddings")
    {
        _config = config;
        _words = Layers.Embedding(config.VocabularySize, config.HiddenSize);
        _positions = Layers.Embedding(config.PositionCount, config.HiddenSize);
        _norm = Layers.Norm(config.HiddenSize, config.LayerNormEpsilon);
        this.Place("word_embeddings", _words);
        this.Place("position_embeddings", _positions);
        if (config.TypeCount > 0)
        {
            _types = Layers.Embedding(config.TypeCount, config.HiddenSize);
            this.Place("token_type_embeddings", _types);
        }

        this.Place("LayerNorm", _norm);
    }

    /// <summary>The table of words; a new handle of the same parameter at each read.</summary>
    public torch.Tensor Words => _words.weight ?? throw new InvalidOperationException("The embedding has no table.");

    /// <summary>The embeddings [tokens, hidden]; the caller's scope owns them.</summary>
    public override torch.Tensor forward(EncoderPass pass)
    {
        using var scope = torch.NewDisposeScope();
        var batch = pass.Batch;
        using Scalar first = _config.FirstPosition, one = 1; // kept through the native calls, as in EncoderPass.DropAndAdd
        var sum = _words.call(batch.Ids).add(_positions.call(batch.Positions.add(first)), one);
        if (_types is not null)
        {
            sum = sum.add(_types.call(batch.TypeIds), one);
        }

        return pass.Drop(_norm.call(sum), _config.HiddenDropout, "embeddings").MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    /// <remarks>Parts are placed under their checkpoint paths; their fields' names must not add a second one.</remarks>
    protected override void RegisterComponents()
    {
    }
}
