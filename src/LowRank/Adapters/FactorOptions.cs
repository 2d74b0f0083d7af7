using LowRank.Factorization;
using LowRank.Tensors;

namespace LowRank.Adapters;

/// <summary>What every adapter made of factors lets you choose.</summary>
public abstract record FactorOptions : AdapterOptions
{
    private protected FactorOptions()
    {
    }

    /// <summary>The rank of the update, the width of the adapter.</summary>
    /// <value>8; at least 1 and at most the smaller side of every adapted layer.</value>
    public int Rank { get; init; } = 8;

    /// <summary>The chance that an input feature is dropped before the adapter sees it, while training.</summary>
    /// <value>0; in [0, 1).</value>
    public double Dropout { get; init; }

    internal abstract Adapter Create(AdaptedLayer layer, Seed seed, OuterFactors? start);

    // The adapter with these factors, in the layout they were saved in; takes them over.
    internal abstract Adapter Restore(AdaptedLayer layer, IReadOnlyList<TorchSharp.torch.Tensor> factors);

    // The names of an adapter's factors, input side first, and their shapes on a layer at a rank.
    internal abstract IReadOnlyList<(string Name, long[] Shape)> FactorShapes(AdaptedLayer layer, long rank);

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
