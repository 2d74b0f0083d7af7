using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>Cuts updates to the directions they really use.</summary>
/// <remarks>
/// Over all layers together the smallest singular values are dropped for as long as the norm of what is dropped stays
/// within the tolerance times the norm of everything: a layer that hardly learned gives up all its directions before one
/// that learned much loses any.
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
        var least = Threshold([.. spectra.SelectMany(spectrum => spectrum.Values)], tolerance);
        return [.. spectra.Select(spectrum => Cut(spectrum, spectrum.Values.Count(value => value > least)))];
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

    private static UpdateSpectrum Decompose(Adapter adapter)
    {
        using var factors = adapter.ToLora();
        return UpdateSpectrum.Of(factors);
    }

    private static LoraFactors? Cut(UpdateSpectrum spectrum, int rank) => rank == 0 ? null : spectrum.Cut(rank);
}
