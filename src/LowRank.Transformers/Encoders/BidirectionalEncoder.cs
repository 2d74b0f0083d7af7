using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using TorchSharp;

namespace LowRank.Transformers.Encoders;

/// <summary>The encoder of BERT, RoBERTa and DistilBERT: embeddings, then layers, on real tokens only.</summary>
public sealed class BidirectionalEncoder : torch.nn.Module<TokenBatch, torch.Tensor>
{
    private readonly EncoderConfig _config;
    private readonly TokenEmbeddings _embeddings;
    private readonly List<EncoderLayer> _layers = [];

    internal BidirectionalEncoder(EncoderConfig config)
        : base(config.Names.Base)
    {
        _config = config;
        _embeddings = new(config);
        this.Place("embeddings", _embeddings);
        for (var index = 0; index < config.LayerCount; index++)
        {
            var layer = new EncoderLayer(config, index);
            _layers.Add(layer);
            this.Place($"{config.Names.Layers}.{index}", layer);
        }
    }

    /// <summary>
    /// Gets or sets whether training keeps only each layer's input and computes the rest again on the way back.
    /// </summary>
    /// <value>
    /// Default false. True saves most of the activations' memory for about a third more time; losses and gradients stay
    /// the same. Applies in training mode, and not to <see cref="HiddenStates"/>. The batch must live until the backward
    /// pass has ended.
    /// </value>
    public bool GradientCheckpointing { get; set; }

    /// <summary>The very table of word embeddings [vocabulary, hidden], for an output layer tied to it.</summary>
    internal torch.Tensor WordEmbeddings => _embeddings.Words;

    /// <summary>The last hidden state of every token.</summary>
    /// <param name="batch">Rows of token ids; borrowed.</param>
    /// <returns>Shape <c>[tokens, hidden]</c>; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">A row too long, or an id or type beyond its table.</exception>
    /// <exception cref="InvalidOperationException">Training mode with dropout, but the batch has no seed.</exception>
    public override torch.Tensor forward(TokenBatch batch)
    {
        using var scope = torch.NewDisposeScope();
        var pass = Open(batch);
        var hidden = _embeddings.call(pass);
        for (var index = 0; index < _layers.Count; index++)
        {
            hidden = Step(index, hidden, pass, firstOnly: false);
        }

        return hidden.MoveToOuterDisposeScope();
    }

    /// <summary>The last hidden state of each row's first token: what a classifier reads.</summary>
    /// <param name="batch">Rows of token ids; borrowed.</param>
    /// <returns>
    /// Shape <c>[rows, hidden]</c>; the caller disposes it. Equal to the first tokens' rows of the full result, but the
    /// last layer computes only them.
    /// </returns>
    /// <exception cref="ArgumentException">A row too long, or an id or type beyond its table.</exception>
    /// <exception cref="InvalidOperationException">Training mode with dropout, but the batch has no seed.</exception>
    public torch.Tensor FirstTokens(TokenBatch batch)
    {
        using var scope = torch.NewDisposeScope();
        var pass = Open(batch);
        var hidden = _embeddings.call(pass);
        for (var index = 0; index < _layers.Count; index++)
        {
            hidden = Step(index, hidden, pass, firstOnly: index == _layers.Count - 1);
        }

        return hidden.MoveToOuterDisposeScope();
    }

    /// <summary>The hidden states after the embeddings and after each layer.</summary>
    /// <param name="batch">Rows of token ids; borrowed.</param>
    /// <returns>Layers + 1 tensors of shape <c>[tokens, hidden]</c>; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">A row too long, or an id or type beyond its table.</exception>
    /// <exception cref="InvalidOperationException">Training mode with dropout, but the batch has no seed.</exception>
    public IReadOnlyList<torch.Tensor> HiddenStates(TokenBatch batch)
    {
        using var scope = torch.NewDisposeScope();
        var pass = Open(batch);
        List<torch.Tensor> states = [_embeddings.call(pass)];
        foreach (var layer in _layers)
        {
            states.Add(layer.call(states[^1], pass, false));
        }

        return states.ConvertAll(state => state.MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    /// <remarks>Parts are placed under their checkpoint paths; their fields' names must not add a second one.</remarks>
    protected override void RegisterComponents()
    {
    }

    // The last layer's activations are wanted as soon as the way back begins: nothing is won by computing them again.
    private torch.Tensor Step(int index, torch.Tensor hidden, EncoderPass pass, bool firstOnly)
    {
        var layer = _layers[index];
        return GradientCheckpointing && training && torch.is_grad_enabled() && index < _layers.Count - 1
            ? RecomputedLayer.Run(input => layer.call(input, pass, firstOnly), hidden)
            : layer.call(hidden, pass, firstOnly);
    }

    private EncoderPass Open(TokenBatch batch)
    {
        Check.NotNull(batch);
        Check.That(
            batch.Longest <= _config.LongestRow,
            nameof(batch),
            $"batch: the longest row has {batch.Longest} tokens; wanted at most {_config.LongestRow}: truncate it.");
        Check.That(
            batch.LargestId < _config.VocabularySize,
            nameof(batch),
            $"batch: got token id {batch.LargestId}; wanted ids below {_config.VocabularySize}, the size of the "
            + "embedding table: the tokenizer does not belong to this model.");
        Check.That(
            _config.TypeCount == 0 || batch.LargestType < _config.TypeCount,
            nameof(batch),
            $"batch: got token type {batch.LargestType}; wanted types below {_config.TypeCount}.");
        return EncoderPass.Of(batch, _config, training);
    }
}
