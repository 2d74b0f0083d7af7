using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Completion;

/// <summary>
/// The paper's completion problem: a Gaussian matrix cut to its leading singular triplets, partly observed.
/// </summary>
/// <remarks>
/// Targets of exactly low rank without noise; for noisy ones and for large sizes, see <see cref="SyntheticRatings"/>.
/// </remarks>
public static class SyntheticMatrix
{
    /// <summary>Makes the target and parts its cells at random into observed and hidden ones.</summary>
    /// <remarks>
    /// The singular values stay those of the Gaussian matrix: about 63 for a size of 1,000. Memory: the whole matrix,
    /// and 16 bytes per cell.
    /// </remarks>
    /// <param name="rows">Number of rows, at least 1.</param>
    /// <param name="columns">Number of columns, at least 1.</param>
    /// <param name="rank">Singular triplets kept, 1 to the smaller size.</param>
    /// <param name="observed">
    /// The share of observed cells, above 0 and below 1; exactly floor(share x cells) of them.
    /// </param>
    /// <param name="seed">Decides the target and the choice of cells, independently of each other.</param>
    /// <returns>The observed cells, and all others to judge the recovery by; both row by row.</returns>
    /// <exception cref="ArgumentException">
    /// A size, the rank or the share is out of range, or leaves one part empty.
    /// </exception>
    public static ObservedSplit Create(int rows, int columns, int rank, double observed, Seed seed)
    {
        using var scope = NewDisposeScope();
        var target = Initialize.LowRank(rows, columns, rank, seed.For("target"), ScalarType.Float64);
        var mask = Initialize.Mask(rows, columns, observed, seed.For("mask"));
        var values = target.ReadNumbers<double>();
        var chosen = mask.ReadNumbers<bool>();
        var count = chosen.Count(c => c);
        Check.That(
            count > 0 && count < chosen.Length,
            nameof(observed),
            $"{nameof(observed)}: got {count} of {chosen.Length} cells; wanted some observed and some hidden.");
        return new ObservedSplit(
            Cells(values, chosen, true, count, rows, columns),
            Cells(values, chosen, false, chosen.Length - count, rows, columns));
    }

    private static ObservedMatrix Cells(double[] values, bool[] chosen, bool which, int count, int rows, int columns)
    {
        var r = new int[count];
        var c = new int[count];
        var v = new double[count];
        var next = 0;
        for (var cell = 0; cell < values.Length; cell++)
        {
            if (chosen[cell] == which)
            {
                (r[next], c[next]) = Math.DivRem(cell, columns);
                v[next++] = values[cell];
            }
        }

        return new ObservedMatrix(rows, columns, r, c, v);
    }
}
