using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.Encoders;
using TorchSharp;

namespace LowRank.Transformers.Bert;

/// <summary>BERT with its pooler and a linear classifier.</summary>
public sealed class BertForSequenceClassification : SequenceClassifier
{
    private readonly BertConfig _config;
    private readonly BidirectionalEncoder _encoder;
    private readonly DenseLayer _pooler;
    private readonly DenseLayer _classifier;

    /// <summary>Makes a model whose weights are zeros until loaded or drawn by <c>Initialize</c>.</summary>
    /// <param name="config">The shape, rates and labels.</param>
    public BertForSequenceClassification(BertConfig config)
        : base("BertForSequenceClassification")
    {
        _config = config;
        _encoder = new(config);
        _pooler = Layers.Linear(config.HiddenSize, config.HiddenSize);
        _classifier = Layers.Linear(config.HiddenSize, config.Labels.Count);
        this.Place("bert", _encoder);
        this.Place("bert.pooler.dense", _pooler);
        this.Place("classifier", _classifier);
    }

    /// <inheritdoc/>
    public override EncoderConfig Config => _config;

    /// <inheritdoc/>
    public override BidirectionalEncoder Encoder => _encoder;

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadLayers => ["classifier"];

    /// <summary>Scores each row.</summary>
    /// <param name="batch">Rows of token ids; borrowed.</param>
    /// <returns>Logits, shape <c>[rows, labels]</c>; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">A row too long, or an id or type beyond its table.</exception>
    /// <exception cref="InvalidOperationException">Training mode with dropout, but the batch has no seed.</exception>
    public override torch.Tensor forward(TokenBatch batch)
    {
        using var scope = torch.NewDisposeScope();
        var first = _encoder.FirstTokens(batch); // [rows, hidden]
        var pooled = EncoderPass.Of(batch, _config, training)
            .Drop(_pooler.call(first).tanh(), _config.HeadDropout, "head");
        return _classifier.call(pooled).MoveToOuterDisposeScope();
    }
}
