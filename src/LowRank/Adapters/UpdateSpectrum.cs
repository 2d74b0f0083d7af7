using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>The singular value decomposition of an update B·A, from its factors.</summary>
/// <remarks>
/// With B = Q·R and Aᵀ = P·T the singular values are those of the small R·Tᵀ: no dense matrix is formed. In double
/// precision; the tensors belong to the scope of whoever called <see cref="Of"/>.
/// </remarks>
internal sealed class UpdateSpectrum
{
    private readonly Tensor _left;
    private readonly Tensor _values;
    private readonly Tensor _right;
    private readonly ScalarType _type;

    private UpdateSpectrum(Tensor left, Tensor values, Tensor right, ScalarType type)
    {
        _left = left;
        _values = values;
        _right = right;
        _type = type;
        Values = Spectrum.Numbers(values);
    }

    /// <summary>The singular values, descending: as many as the rank, or as the layer's smaller side.</summary>
    internal double[] Values { get; }

    internal static UpdateSpectrum Of(LoraFactors factors)
    {
        var (left, upper) = linalg.qr(factors.B.to(ScalarType.Float64));
        var (right, lower) = linalg.qr(factors.A.t().to(ScalarType.Float64));
        var (u, values, vt) = linalg.svd(upper.mm(lower.t()), fullMatrices: false);
        return new UpdateSpectrum(left.mm(u), values, right.mm(vt.t()), factors.A.dtype);
    }

    /// <summary>The best approximation of this rank, its singular values divided evenly between the factors.</summary>
    /// <returns>Factors that outlive every scope; the caller disposes them.</returns>
    internal LoraFactors Cut(int rank)
    {
        var root = _values.narrow(0, 0, rank).sqrt();
        return new LoraFactors(Keep((_right.narrow(1, 0, rank) * root).t()), Keep(_left.narrow(1, 0, rank) * root));
    }

    private Tensor Keep(Tensor factor) => factor.to(_type).contiguous().clone().DetachFromDisposeScope();
}
