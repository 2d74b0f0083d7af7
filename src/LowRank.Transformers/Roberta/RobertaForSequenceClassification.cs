using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.Encoders;
using TorchSharp;

namespace LowRank.Transformers.Roberta;

/// <summary>RoBERTa with its two-layer classifier.</summary>
public sealed class RobertaForSequenceClassification : SequenceClassifier
{
    private readonly RobertaConfig _config;
    private readonly BidirectionalEncoder _encoder;
    private readonly DenseLayer _dense;
    private readonly DenseLayer _scores;

    /// <summary>Makes a model whose weights are zeros until loaded or drawn by <c>Initialize</c>.</summary>
    /// <param name="config">The shape, rates and labels.</param>
    public RobertaForSequenceClassification(RobertaConfig config)
        : base("RobertaForSequenceClassification")
    {
        _config = config;
        _encoder = new(config);
        _dense = Layers.Linear(config.HiddenSize, config.HiddenSize);
        _scores = Layers.Linear(config.HiddenSize, config.Labels.Count);
        this.Place("roberta", _encoder);
        this.Place("classifier.dense", _dense);
        this.Place("classifier.out_proj", _scores);
    }

    /// <inheritdoc/>
    public override EncoderConfig Config => _config;

    /// <inheritdoc/>
    public override BidirectionalEncoder Encoder => _encoder;

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadLayers => ["classifier.dense", "classifier.out_proj"];

    /// <summary>Scores each row.</summary>
    /// <param name="batch">Rows of token ids; borrowed.</param>
    /// <returns>Logits, shape <c>[rows, labels]</c>; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">A row too long, or an id or type beyond its table.</exception>
    /// <exception cref="InvalidOperationException">Training mode with dropout, but the batch has no seed.</exception>
    public override torch.Tensor forward(TokenBatch batch)
    {
        using var scope = torch.NewDisposeScope();
        var pass = EncoderPass.Of(batch, _config, training);
        var first = pass.Drop(_encoder.FirstTokens(batch), _config.HeadDropout, "head"); // [rows, hidden]
        var inner = pass.Drop(_dense.call(first).tanh(), _config.HeadDropout, "head/inner");
        return _scores.call(inner).MoveToOuterDisposeScope();
    }
}
