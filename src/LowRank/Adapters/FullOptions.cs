using System.Text.Json.Serialization;
using LowRank.Factorization;
using LowRank.Tensors;

namespace LowRank.Adapters;

/// <summary>No adapter at all: the whole model is trained.</summary>
public sealed record FullOptions : AdapterOptions
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Method => "full";

    /// <inheritdoc/>
    public override long CountParameters(AdaptedLayer layer) => 0;

    internal override int LeastSide => 1;

    internal override Adapter Create(AdaptedLayer layer, Seed seed, OuterFactors? start) => throw NoAdapters();

    internal override Adapter Restore(AdaptedLayer layer, IReadOnlyList<TorchSharp.torch.Tensor> factors) =>
        throw NoAdapters();

    internal override IReadOnlyList<string> FactorNames() => [];

    internal override void Validate(IReadOnlyList<AdaptedLayer> layers)
    {
    }

    private static NotSupportedException NoAdapters() => new("Full training has no adapters: use AdapterSet.Full.");
}
