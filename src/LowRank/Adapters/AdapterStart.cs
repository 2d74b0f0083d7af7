using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>Brings starting factors into the layout, device and type in which their layer uses them.</summary>
internal static class AdapterStart
{
    /// <summary>
    /// The type of an adapter: single precision over a half-precision base, otherwise the base's own.
    /// </summary>
    internal static ScalarType TypeFor(AdaptedLayer layer) =>
        layer.Weight.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;

    /// <summary>A copy of an input-side factor [rank, in] as the layer stores it; outlives every scope.</summary>
    internal static Tensor InputSide(AdaptedLayer layer, Tensor factor)
    {
        if (!layer.IsEmbedding)
        {
            return Place(layer, factor);
        }

        using var rows = factor.t();
        return Place(layer, rows);
    }

    /// <summary>A copy of a factor on the layer's device and in the adapter's type; outlives every scope.</summary>
    internal static Tensor Place(AdaptedLayer layer, Tensor factor)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var copy = factor.detach().to(TypeFor(layer), layer.Weight.device).contiguous().clone();
        return copy.DetachFromDisposeScope();
    }

    /// <summary>
    /// The leading singular triplets of the layer's weight as a map from inputs to outputs; the caller disposes them.
    /// </summary>
    internal static SingularTriplets LeadingOf(AdaptedLayer layer, int rank, Seed seed)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        return Spectrum.Top(Map(layer), rank, start: seed);
    }

    /// <summary>The layer's weight [out, in] in the adapter's type; in the caller's scope.</summary>
    internal static Tensor Map(AdaptedLayer layer)
    {
        var weight = layer.Weight.detach().to(TypeFor(layer));
        return layer.IsEmbedding ? weight.t() : weight;
    }
}
