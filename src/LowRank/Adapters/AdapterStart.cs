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
}
