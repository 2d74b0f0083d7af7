using System.Text.Json.Serialization;
using LowRank.Factorization;
using LowRank.Tensors;

namespace LowRank.Adapters;

/// <summary>What every kind of adapter lets you choose.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "method")]
[JsonDerivedType(typeof(LoraOptions), "lora")]
[JsonDerivedType(typeof(DeepLoraOptions), "deep-lora")]
[JsonDerivedType(typeof(FullOptions), "full")]
public abstract record AdapterOptions
{
    private protected AdapterOptions()
    {
    }

    /// <summary>The rank of the update, the width of the adapter.</summary>
    /// <value>8; at least 1 and at most the smaller side of every adapted layer.</value>
    public int Rank { get; init; } = 8;

    /// <summary>The chance that an input feature is dropped before the adapter sees it, while training.</summary>
    /// <value>0; in [0, 1).</value>
    public double Dropout { get; init; }

    /// <summary>The method's name as files and reports write it.</summary>
    [JsonIgnore]
    public abstract string Method { get; }

    /// <summary>How many numbers an adapter of these options trains on a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <returns>The count.</returns>
    public abstract long CountParameters(AdaptedLayer layer);

    internal abstract Adapter Create(AdaptedLayer layer, Seed seed, OuterFactors? start);

    // The adapter with these factors, in the layout they were saved in; takes them over.
    internal abstract Adapter Restore(AdaptedLayer layer, IReadOnlyList<TorchSharp.torch.Tensor> factors);

    // The names of an adapter's factors, input side first.
    internal abstract IReadOnlyList<string> FactorNames();

    // The smallest side a layer may have.
    internal abstract int LeastSide { get; }

    // Every fault of the options against the chosen layers, before anything is built.
    internal abstract void Validate(IReadOnlyList<AdaptedLayer> layers);

    private protected void ValidateShared(IReadOnlyList<AdaptedLayer> layers)
    {
        Check.AtLeast(Rank, 1);
        Check.That(
            Dropout is >= 0 and < 1, nameof(Dropout), $"{nameof(Dropout)}: got {Dropout}; wanted 0 to below 1.");
        var narrow = layers.Where(layer => layer.Smaller < LeastSide).ToList();
        Check.That(
            narrow.Count == 0,
            nameof(Rank),
            $"{nameof(Rank)}: got {Rank}, larger than {narrow.Count} of the {layers.Count} layers, such as "
                + $"{narrow.FirstOrDefault()}; wanted at most "
                + $"{narrow.Select(layer => layer.Smaller).DefaultIfEmpty().Min()}, "
                + "or leave these layers out (exclude them, or set a minimum size).");
    }
}
