using static TorchSharp.torch;

namespace LowRank.Tensors;

/// <summary>Singular values, ranks, and angles between subspaces.</summary>
public static class Spectrum
{
    /// <summary>All singular values of a matrix.</summary>
    /// <param name="matrix">Any matrix <c>[rows, columns]</c>, float32 or float64.</param>
    /// <returns>min(rows, columns) numbers, descending.</returns>
    /// <exception cref="ArgumentException">The argument is not a floating-point matrix.</exception>
    public static double[] SingularValues(Tensor matrix)
    {
        Check.Matrix(matrix);
        using var scope = NewDisposeScope();
        return Numbers(linalg.svdvals(matrix));
    }

    /// <summary>The leading singular triplets, without a full decomposition where that saves work.</summary>
    /// <remarks>
    /// A block Lanczos iteration with full re-orthogonalization from a random block. It stops when every residual
    /// ‖A·v − σ·u‖ is at most the tolerance times the largest singular value; where the spectrum has no gap to find
    /// before the basis reaches half of the matrix, the full decomposition is taken instead, so the answer is always
    /// that accurate. Costs O(rows · columns · rank) per round, a few rounds where the spectrum has a gap.
    /// </remarks>
    /// <param name="matrix">Any matrix <c>[rows, columns]</c>, float32 or float64.</param>
    /// <param name="rank">Triplets wanted, 1 to min(rows, columns).</param>
    /// <param name="tolerance">
    /// Largest residual relative to the first singular value, above 0. In float32 no value below 1e-5 is aimed at.
    /// </param>
    /// <param name="start">The stream of the starting block; it moves the result only within the tolerance.</param>
    /// <returns>The triplets, which the caller disposes. The sign of each pair of vectors is arbitrary.</returns>
    /// <exception cref="ArgumentException">
    /// Not a floating-point matrix, or a rank or tolerance out of range.
    /// </exception>
    public static SingularTriplets Top(Tensor matrix, int rank, double tolerance = 1e-12, Seed start = default)
    {
        Check.Matrix(matrix);
        Check.InRange(rank, 1, Math.Min(matrix.shape[0], matrix.shape[1]));
        Check.Positive(tolerance);
        return BlockLanczos.Top(matrix, rank, tolerance, start);
    }

    /// <summary>The effective rank: the exponential of the entropy of the normalized singular values.</summary>
    /// <remarks>Roy and Vetterli 2007. 1 for a rank-one matrix, k for k equal values; 0 when all are zero.</remarks>
    /// <param name="singularValues">Numbers, at least 0.</param>
    /// <returns>A number from 0 to the count.</returns>
    /// <exception cref="ArgumentException">A value is negative or not finite.</exception>
    public static double EffectiveRank(IReadOnlyList<double> singularValues)
    {
        Check.NotNull(singularValues);
        var sum = 0.0;
        foreach (var value in singularValues)
        {
            sum += Check.NotNegative(value, nameof(singularValues));
        }

        if (sum == 0)
        {
            return 0;
        }

        var entropy = 0.0;
        foreach (var value in singularValues)
        {
            var part = value / sum;
            entropy -= part > 0 ? part * Math.Log(part) : 0;
        }

        return Math.Exp(entropy);
    }

    /// <summary>The number of singular values above a fraction of the largest.</summary>
    /// <param name="singularValues">Numbers, at least 0.</param>
    /// <param name="tolerance">The fraction, at least 0.</param>
    /// <returns>A count from 0 to the number of values.</returns>
    /// <exception cref="ArgumentException">The tolerance is negative or not finite.</exception>
    public static int NumericalRank(IReadOnlyList<double> singularValues, double tolerance = 1e-10)
    {
        Check.NotNull(singularValues);
        Check.NotNegative(tolerance);
        var limit = tolerance * singularValues.DefaultIfEmpty(0).Max();
        return singularValues.Count(value => value > limit);
    }

    /// <summary>The principal angles between the column spaces of two orthonormal frames.</summary>
    /// <remarks>
    /// Cosines lose small angles and sines lose right ones, so each angle is taken from whichever is accurate
    /// (Björck and Golub 1973).
    /// </remarks>
    /// <param name="first">A frame <c>[rows, a]</c> with orthonormal columns.</param>
    /// <param name="second">A frame <c>[rows, b]</c> with orthonormal columns, same dtype and device.</param>
    /// <returns>min(a, b) angles in radians, ascending, each from 0 to π/2.</returns>
    /// <exception cref="ArgumentException">The arguments are not matrices with equally many rows.</exception>
    public static double[] PrincipalAngles(Tensor first, Tensor second)
    {
        Check.Matrix(first);
        Check.Matrix(second, rows: first.shape[0]);
        using var scope = NewDisposeScope();
        var (wide, thin) = first.shape[1] >= second.shape[1] ? (first, second) : (second, first);
        var overlap = wide.t().mm(thin);
        var cosines = Numbers(linalg.svdvals(overlap));
        var sines = Numbers(linalg.svdvals(thin - wide.mm(overlap)));
        var angles = new double[cosines.Length];
        for (var i = 0; i < angles.Length; i++)
        {
            // Sines come in descending order, so the smallest angle has the last of them.
            var sine = sines[angles.Length - 1 - i];
            angles[i] = sine < 0.7 ? Math.Asin(sine) : Math.Acos(Math.Min(1, cosines[i]));
        }

        return angles;
    }

    internal static double[] Numbers(Tensor values)
    {
        using var scope = NewDisposeScope();
        return values.to(float64).contiguous().ReadNumbers<double>();
    }
}
