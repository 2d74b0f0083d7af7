using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.Encoders;
using TorchSharp;

namespace LowRank.Transformers.DistilBert;

/// <summary>DistilBERT with its two-layer classifier.</summary>
public sealed class DistilBertForSequenceClassification : SequenceClassifier
{
    private readonly DistilBertConfig _config;
    private readonly BidirectionalEncoder _encoder;
    private readonly DenseLayer _dense;
    private readonly DenseLayer _classifier;

    /// <summary>Makes a model whose weights are zeros until loaded or drawn by <c>Initialize</c>.</summary>
    /// <param name="config">The shape, rates and labels.</param>
    public DistilBertForSequenceClassification(DistilBertConfig config)
        : base("DistilBertForSequenceClassification")
    {
        _config = config;
        _encoder = new(config);
        _dense = Layers.Linear(config.HiddenSize, config.HiddenSize);
        _classifier = Layers.Linear(config.HiddenSize, config.Labels.Count);
        this.Place("distilbert", _encoder);
        this.Place("pre_classifier", _dense);
        this.Place("classifier", _classifier);
    }

    /// <inheritdoc/>
    public override EncoderConfig Config => _config;

    /// <inheritdoc/>
    public override BidirectionalEncoder Encoder => _encoder;

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadLayers => ["pre_classifier", "classifier"];

    /// <summary>Scores each row.</summary>
    /// <param name="batch">Rows of token ids; borrowed.</param>
    /// <returns>Logits, shape <c>[rows, labels]</c>; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">A row too long, or an id beyond the table.</exception>
    /// <exception cref="InvalidOperationException">Training mode with dropout, but the batch has no seed.</exception>
    public override torch.Tensor forward(TokenBatch batch)
    {
        using var scope = torch.NewDisposeScope();
        var first = _encoder.FirstTokens(batch); // [rows, hidden]
        var inner = EncoderPass.Of(batch, _config, training)
            .Drop(_dense.call(first).relu(), _config.HeadDropout, "head");
        return _classifier.call(inner).MoveToOuterDisposeScope();
    }
}
