using LowRank.Tensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>A layer of a model that can carry an adapter: where it is, what it is, and its two dimensions.</summary>
/// <remarks>It only points at the layer; it owns nothing.</remarks>
public sealed class AdaptedLayer
{
    private readonly Parameter _weight;

    private AdaptedLayer(string path, nn.Module<Tensor, Tensor> module, Parameter weight, bool isEmbedding)
    {
        Path = path;
        Module = module;
        _weight = weight;
        IsEmbedding = isEmbedding;
        Inputs = isEmbedding ? weight.shape[0] : weight.shape[1];
        Outputs = isEmbedding ? weight.shape[1] : weight.shape[0];
    }

    /// <summary>The module path in the model, such as <c>bert.encoder.layer.0.attention.self.query</c>.</summary>
    public string Path { get; }

    /// <summary>True for an embedding table (its input is ids), false for a linear layer.</summary>
    public bool IsEmbedding { get; }

    /// <summary>The input dimension: features of a linear layer, rows of an embedding table.</summary>
    public long Inputs { get; }

    /// <summary>The output dimension: features that leave the layer.</summary>
    public long Outputs { get; }

    /// <summary>The smaller of the two dimensions: the largest rank an update can have.</summary>
    public long Smaller => Math.Min(Inputs, Outputs);

    /// <summary>The layer's weight: <c>[out, in]</c> for a linear layer, <c>[rows, out]</c> for an embedding.</summary>
    public Tensor Weight => _weight;

    internal nn.Module<Tensor, Tensor> Module { get; }

    /// <summary>The output layers of a model that use this layer's table: they show an update of it as well.</summary>
    internal IEnumerable<TiedProjection> ProjectionsIn(nn.Module model) => IsEmbedding
        ? model.modules().OfType<TiedProjection>().Where(projection => projection.IsTiedTo(Module))
        : [];

    // As the layer stores an adapter's input side: rows of an embedding are looked up.
    internal long[] InputShape(long rank) => IsEmbedding ? [Inputs, rank] : [rank, Inputs];

    internal Parameter WeightParameter => _weight;

    /// <summary>Describes a module when it can carry an adapter.</summary>
    /// <param name="path">Its path in the model.</param>
    /// <param name="module">Any module.</param>
    /// <returns>The layer, or null when the module is neither a linear layer nor an embedding.</returns>
    public static AdaptedLayer? From(string path, nn.Module module) => Check.NotNull(module) switch
    {
        DenseLayer or Linear => new AdaptedLayer(path, (nn.Module<Tensor, Tensor>)module, WeightOf(path, module), isEmbedding: false),
        Embedding embedding => new AdaptedLayer(path, embedding, WeightOf(path, embedding), isEmbedding: true),
        _ => null,
    };

    /// <summary>Lists every layer of a model that can carry an adapter, each once, in the model's order.</summary>
    /// <param name="model">The model. Its own name is not part of the paths.</param>
    /// <returns>The layers; a module registered twice appears under its first path.</returns>
    public static IReadOnlyList<AdaptedLayer> AllOf(nn.Module model)
    {
        var seen = new HashSet<nn.Module>(ReferenceEqualityComparer.Instance);
        return [.. Check.NotNull(model).named_modules()
            .Where(entry => seen.Add(entry.module))
            .Select(entry => From(entry.name, entry.module))
            .OfType<AdaptedLayer>()];
    }

    /// <inheritdoc/>
    public override string ToString() => IsEmbedding
        ? $"{Path} (embedding, {Inputs} rows of {Outputs})"
        : $"{Path} (linear, {Inputs} -> {Outputs})";

    // By name, not by property: Embedding.weight makes a new tensor object at every read, and nobody frees it.
    private static Parameter WeightOf(string path, nn.Module module) =>
        module.get_parameter("weight") ?? throw new ArgumentException($"{path}: the layer has no weight.");
}
