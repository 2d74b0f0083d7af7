using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using TorchSharp;

namespace LowRank.Transformers.Encoders;

/// <summary>An encoder with a head that gives each row one score per label, or one number for regression.</summary>
/// <remarks>
/// Parameters have the names of the family's Hugging Face checkpoints. Linear layers are <see cref="DenseLayer"/>s,
/// embeddings TorchSharp's own; all are called with <c>call</c>, so forward hooks (and with them adapters) see every one;
/// their inputs are matrices <c>[tokens, in]</c> or, where only first tokens matter, <c>[rows, in]</c>.
/// </remarks>
public abstract class SequenceClassifier : torch.nn.Module<TokenBatch, torch.Tensor>
{
    /// <summary>Makes the module; families derive.</summary>
    /// <param name="name">The module's name.</param>
    private protected SequenceClassifier(string name)
        : base(name)
    {
    }

    /// <summary>Gets the model's shape, rates and label names.</summary>
    public abstract EncoderConfig Config { get; }

    /// <summary>Gets the encoder, for hidden states.</summary>
    public abstract BidirectionalEncoder Encoder { get; }

    /// <summary>Gets the paths of the head's linear layers, which pre-training does not give, in order.</summary>
    public abstract IReadOnlyList<string> HeadLayers { get; }

    /// <summary>
    /// Gets or sets whether training computes the encoder's activations again instead of keeping them.
    /// </summary>
    /// <value>Default false; see <see cref="BidirectionalEncoder.GradientCheckpointing"/>.</value>
    public bool GradientCheckpointing
    {
        get => Encoder.GradientCheckpointing;
        set => Encoder.GradientCheckpointing = value;
    }

    /// <summary>Draws every parameter anew, as Hugging Face does for an untrained model.</summary>
    /// <param name="seed">The value all draws derive from, each under its parameter's name.</param>
    public void Initialize(Seed seed) =>
        Initialize(seed, [.. named_parameters().Select(parameter => parameter.name)]);

    /// <summary>Draws some parameters anew: weights normal(0, initializer range), biases 0, norm weights 1.</summary>
    /// <param name="seed">The value all draws derive from, each under its parameter's name.</param>
    /// <param name="names">The parameters to draw.</param>
    public void Initialize(Seed seed, IReadOnlyCollection<string> names) =>
        InitialWeights.Draw(this, seed, Config.InitializerRange, names);

    /// <inheritdoc/>
    /// <remarks>Parts are placed under their checkpoint paths; their fields' names must not add a second one.</remarks>
    protected sealed override void RegisterComponents()
    {
    }
}
