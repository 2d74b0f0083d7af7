using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>Brings starting factors into the layout, device and type in which their layer uses them.</summary>
internal static class AdapterStart
{
    /// <summary>The type of an adapter: single precision over a half-precision base, otherwise the base's own.</summary>
    internal static ScalarType TypeFor(AdaptedLayer layer) =>
        layer.Weight.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;

    /// <summary>A random matrix with orthonormal rows or columns, whichever are fewer; float64 on the CPU.</summary>
    internal static Tensor SemiOrthogonal(long rows, long columns, Seed seed)
    {
        using var generator = seed.Generator();
        using var scope = NewDisposeScope();
        long[] shape = [Math.Max(rows, columns), Math.Min(rows, columns)];
        var frame = Frame(randn(shape, ScalarType.Float64, generator: generator));
        return (rows >= columns ? frame : frame.t()).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>Orthonormal columns with the span of the given ones; of Gaussian columns, uniform over all frames.</summary>
    internal static Tensor Frame(Tensor columns)
    {
        using var scope = NewDisposeScope();
        var (q, r) = linalg.qr(columns);

        // Without the signs of R the law would not be uniform (Mezzadri 2007).
        var signs = r.diagonal().sgn();
        return q.mul(where(signs == 0, ones_like(signs), signs)).MoveToOuterDisposeScope();
    }

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
