using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.Encoders;
using TorchSharp;
using TorchSharp.Modules;

namespace LowRank.Transformers.T5;

/// <summary>T5, an encoder-decoder that writes a target text after reading a source text.</summary>
/// <remarks>
/// Raffel et al. 2020. Parameters have the names of Hugging Face's checkpoints. Linear layers are
/// <see cref="DenseLayer"/>s, embeddings TorchSharp's own; all are called with <c>call</c>, so forward hooks (and with
/// them adapters) see every one; their inputs are matrices of real tokens, <c>[tokens, in]</c>. A tied head is the
/// embedding table and no layer of its own.
/// </remarks>
public sealed class T5ForConditionalGeneration : torch.nn.Module<SourceTargetBatch, torch.Tensor>
{
    private const double SmallEmbeddings = 0.25;

    private readonly Embedding _shared;
    private readonly T5Stack _encoder;
    private readonly T5Stack _decoder;
    private readonly torch.nn.Module<torch.Tensor, torch.Tensor> _head;

    /// <summary>Makes a model whose weights are zeros until loaded or drawn.</summary>
    /// <param name="config">The shape and rate.</param>
    public T5ForConditionalGeneration(T5Config config)
        : base("T5ForConditionalGeneration")
    {
        Config = Check.NotNull(config);
        _shared = Layers.Embedding(config.VocabularySize, config.HiddenSize);
        _encoder = new(config, decodes: false);
        _decoder = new(config, decodes: true);
        this.Place("shared", _shared);
        this.Place("encoder", _encoder);
        this.Place("decoder", _decoder);
        _head = config.IsHeadTied ? new TiedProjection(_shared) : Layers.Product(config.HiddenSize, config.VocabularySize);
        this.Place("lm_head", _head);
    }

    /// <summary>Gets the model's shape and rate.</summary>
    public T5Config Config { get; }

    /// <summary>Scores every id as each target token's successor.</summary>
    /// <param name="batch">Pairs of texts; borrowed.</param>
    /// <returns>Logits, shape <c>[target tokens, vocabulary]</c>; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">An id beyond the table.</exception>
    /// <exception cref="InvalidOperationException">Training mode with dropout, but the batch has no seed.</exception>
    public override torch.Tensor forward(SourceTargetBatch batch)
    {
        Check.NotNull(batch);
        using var scope = torch.NewDisposeScope();
        var source = new EncodedTexts(Encode(batch.Source), batch.Source.Layout);
        return Logits(Decode(batch.Target, source)).MoveToOuterDisposeScope();
    }

    /// <summary>The mean cross-entropy of the targets' tokens.</summary>
    /// <param name="batch">Pairs of texts; borrowed.</param>
    /// <param name="labelSmoothing">The share of the target's probability that goes to all ids alike; [0, 1).</param>
    /// <returns>A scalar; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">An id beyond the table, or a share out of range.</exception>
    /// <exception cref="InvalidOperationException">Training mode with dropout, but the batch has no seed.</exception>
    public torch.Tensor Loss(SourceTargetBatch batch, double labelSmoothing = 0)
    {
        Check.InRange(labelSmoothing, 0, 0.999);
        using var scope = torch.NewDisposeScope();
        var logits = call(batch);
        CheckIds(batch.LargestLabel, nameof(batch));
        return TokenLoss.Of(logits, batch.Labels, labelSmoothing).MoveToOuterDisposeScope();
    }

    /// <summary>The encoder's last hidden state of every source token.</summary>
    /// <param name="source">Rows of token ids; borrowed.</param>
    /// <returns>Shape <c>[tokens, hidden]</c>; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">An id beyond the table.</exception>
    /// <exception cref="InvalidOperationException">Training mode with dropout, but the batch has no seed.</exception>
    public torch.Tensor Encode(TokenBatch source)
    {
        Check.NotNull(source);
        using var scope = torch.NewDisposeScope();
        return _encoder.Run(Embedded(source), new(Config, Open(source))).MoveToOuterDisposeScope();
    }

    /// <summary>Draws every parameter anew, as Hugging Face does for an untrained model.</summary>
    /// <param name="seed">The value all draws derive from, each under its parameter's name.</param>
    public void Initialize(Seed seed)
    {
        using var frozen = torch.no_grad();
        foreach (var (name, parameter) in named_parameters())
        {
            if (parameter.dim() == 1)
            {
                _ = parameter.fill_(Config.InitializerFactor);
                continue;
            }

            using var generator = seed.For(name).Generator();
            using var drawn = torch.randn(parameter.shape, torch.float32, generator: generator);
            _ = parameter.copy_(drawn.mul_(Config.InitializerFactor * Spread(name)));
        }
    }

    /// <summary>Draws every parameter anew so that each token looks at its neighbours and its likes from the start.</summary>
    /// <remarks>
    /// For small models on little text: from wholly random weights they guess by frequency for a long time. Heads prefer
    /// what is near, each over another reach (as ALiBi, Press et al. 2022); keys equal queries (Trockman and Kolter 2023);
    /// embeddings start small, since AdamW moves them by the learning rate and T5's own optimizer by a share of their size.
    /// </remarks>
    /// <param name="seed">The value all draws derive from, each under its parameter's name.</param>
    public void InitializeNearby(Seed seed)
    {
        Initialize(seed);
        using var frozen = torch.no_grad();
        var parameters = named_parameters().ToDictionary(parameter => parameter.name, parameter => parameter.parameter);
        _ = parameters["shared.weight"].mul_(SmallEmbeddings);
        if (!Config.IsHeadTied)
        {
            _ = parameters["lm_head.weight"].mul_(SmallEmbeddings * SmallEmbeddings);
        }

        foreach (var (name, query) in parameters.Where(parameter => parameter.Key.EndsWith(".q.weight", StringComparison.Ordinal)))
        {
            using var likeness = query * Math.Sqrt(Config.HeadWidth);
            _ = parameters[$"{name[..^".q.weight".Length]}.k.weight"].copy_(likeness);
        }

        foreach (var (name, table) in parameters.Where(parameter => parameter.Key.EndsWith("relative_attention_bias.weight", StringComparison.Ordinal)))
        {
            var reach = name.StartsWith("encoder", StringComparison.Ordinal) ? Config.BucketCount / 2 : Config.BucketCount; // both ways, or back only
            var biases = Enumerable.Range(0, Config.BucketCount * Config.HeadCount)
                .Select(place => (float)-((place / Config.HeadCount % reach) * Math.Pow(2, -1 - (place % Config.HeadCount))))
                .ToArray();
            using var preferences = torch.tensor(biases).reshape(table.shape);
            _ = table.copy_(preferences);
        }
    }

    /// <summary>The decoder's last hidden states [tokens, hidden]; the caller's scope owns them.</summary>
    /// <param name="target">What the decoder reads: whole texts, or with a cache one more token of each.</param>
    /// <param name="source">The sources; each may have several targets, one after another.</param>
    /// <param name="cache">What was read before; null when the targets are whole.</param>
    internal torch.Tensor Decode(TokenBatch target, EncodedTexts source, DecoderCache? cache = null)
    {
        cache?.Advance();
        return _decoder.Run(Embedded(target), new(Config, Open(target)) { Source = source, Cache = cache });
    }

    /// <summary>Scores [tokens, vocabulary] from the decoder's states; the caller's scope owns them.</summary>
    internal torch.Tensor Logits(torch.Tensor hidden) =>
        _head.call(Config.IsHeadTied ? hidden * Math.Pow(Config.HiddenSize, -0.5) : hidden);

    /// <inheritdoc/>
    /// <remarks>Parts are placed under their checkpoint paths; their fields' names must not add a second one.</remarks>
    protected override void RegisterComponents()
    {
    }

    private torch.Tensor Embedded(TokenBatch batch)
    {
        CheckIds(batch.LargestId, nameof(batch));
        return _shared.call(batch.Ids);
    }

    private EncoderPass Open(TokenBatch batch) => EncoderPass.Of(batch, training && Config.DropoutRate > 0);

    private void CheckIds(int largest, string name) => Check.That(
        largest < Config.VocabularySize,
        name,
        $"{name}: got token id {largest}; wanted ids below {Config.VocabularySize}, the size of the embedding table: "
        + "the tokenizer does not belong to this model.");

    private double Spread(string name)
    {
        double hidden = Config.HiddenSize, inner = Config.HeadCount * Config.HeadWidth;
        return name switch
        {
            "shared.weight" or "lm_head.weight" => 1,
            _ when name.EndsWith(".q.weight", StringComparison.Ordinal) => Math.Pow(hidden * Config.HeadWidth, -0.5),
            _ when name.EndsWith(".o.weight", StringComparison.Ordinal) => Math.Pow(inner, -0.5),
            _ when name.EndsWith(".wo.weight", StringComparison.Ordinal) => Math.Pow(Config.IntermediateSize, -0.5),
            _ => Math.Pow(hidden, -0.5),
        };
    }
}
