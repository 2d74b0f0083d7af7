using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>Cuts updates to the directions they really use.</summary>
/// <remarks>
/// The update of a layer is B·A; with B = Q·R and Aᵀ = P·T its singular values are those of the small R·Tᵀ, and no dense
/// matrix is formed. Over all layers together the smallest values are dropped for as long as the norm of what is dropped
/// stays within the tolerance times the norm of everything: a layer that hardly learned gives up all its directions
/// before one that learned much loses any.
/// </remarks>
internal static class CompactRanks
{
    /// <summary>Balanced factors of each layer at its own rank; null for a layer that keeps nothing.</summary>
    internal static IReadOnlyList<LoraFactors?> Of(IReadOnlyList<Adapter> adapters, double tolerance)
    {
        Check.InRange(tolerance, 0, 1);
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var spectra = adapters.Select(Decompose).ToList();
        var least = Threshold([.. spectra.SelectMany(spectrum => spectrum.Numbers)], tolerance);
        return [.. spectra.Select(spectrum => Cut(spectrum, spectrum.Numbers.Count(value => value > least)))];
    }

    // The largest value that is dropped; the very largest of all is always kept.
    private static double Threshold(double[] values, double tolerance)
    {
        Array.Sort(values);
        var allowed = tolerance * tolerance * values.Sum(value => value * value);
        var (dropped, least) = (0.0, 0.0);
        foreach (var value in values.SkipLast(1))
        {
            dropped += value * value;
            if (dropped > allowed)
            {
                break;
            }

            least = value;
        }

        return Math.Min(least, Math.BitDecrement(values.DefaultIfEmpty(0).Last()));
    }

    private static Spectrum Decompose(Adapter adapter)
    {
        using var factors = adapter.ToLora();
        var (left, upper) = linalg.qr(factors.B.to(ScalarType.Float64));
        var (right, lower) = linalg.qr(factors.A.t().to(ScalarType.Float64));
        var (u, values, vt) = linalg.svd(upper.mm(lower.t()), fullMatrices: false);
        return new Spectrum(left.mm(u), values, right.mm(vt.t()), factors.A.dtype);
    }

    private static LoraFactors? Cut(Spectrum spectrum, int rank)
    {
        if (rank == 0)
        {
            return null;
        }

        var root = spectrum.Values.narrow(0, 0, rank).sqrt();
        return new LoraFactors(
            Keep((spectrum.Right.narrow(1, 0, rank) * root).t(), spectrum.Type),
            Keep(spectrum.Left.narrow(1, 0, rank) * root, spectrum.Type));
    }

    private static Tensor Keep(Tensor factor, ScalarType type) =>
        factor.to(type).contiguous().clone().DetachFromDisposeScope();

    private sealed record Spectrum(Tensor Left, Tensor Values, Tensor Right, ScalarType Type)
    {
        public double[] Numbers { get; } = Tensors.Spectrum.Numbers(Values);
    }
}
