using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LowRank.Completion.Kernels;

/// <summary>Eight small symmetric systems solved together, one per vector lane.</summary>
/// <remarks>
/// Each matrix is a packed lower triangle, entry (p, q) at p (p + 1) / 2 + q; the same entry of all eight stands in
/// one vector. A matrix of width w costs w^3 / 2 multiply-adds per lane for factor and inverse together.
/// </remarks>
internal static class LaneCholesky
{
    /// <summary>Number of systems solved together.</summary>
    public const int Lanes = 8;

    /// <summary>Replaces positive definite matrices by their inverses and solves for one right-hand side.</summary>
    /// <param name="width">Rows of each matrix.</param>
    /// <param name="matrix">[w (w + 1) / 2] vectors: the matrices in, their inverses out.</param>
    /// <param name="factor">Work space of the same length.</param>
    /// <param name="right">[w] vectors: the right-hand sides in, the solutions out.</param>
    /// <returns>The logarithm of each determinant.</returns>
    public static Vector512<double> Invert(
        int width, Span<Vector512<double>> matrix, Span<Vector512<double>> factor, Span<Vector512<double>> right)
    {
        var logDeterminant = Factor(width, matrix, factor);
        InvertFactor(width, factor);
        MultiplyByTranspose(width, factor, matrix);

        // The solution is the inverse factor applied twice: more accurate than a product with the inverse.
        for (var p = width - 1; p >= 0; p--)
        {
            var sum = Vector512<double>.Zero;
            for (var k = 0; k <= p; k++)
            {
                sum = Vector512.FusedMultiplyAdd(factor[At(p, k)], right[k], sum);
            }

            right[p] = sum;
        }

        for (var p = 0; p < width; p++)
        {
            var sum = Vector512<double>.Zero;
            for (var k = p; k < width; k++)
            {
                sum = Vector512.FusedMultiplyAdd(factor[At(k, p)], right[k], sum);
            }

            right[p] = sum;
        }

        return logDeterminant;
    }

    // The diagonal of the factor holds reciprocals, which is all that is needed of it.
    private static Vector512<double> Factor(int width, Span<Vector512<double>> matrix, Span<Vector512<double>> factor)
    {
        var log = Vector512<double>.Zero;
        for (var p = 0; p < width; p++)
        {
            for (var q = 0; q <= p; q++)
            {
                var sum = matrix[At(p, q)];
                for (var k = 0; k < q; k++)
                {
                    sum = Vector512.FusedMultiplyAdd(-factor[At(p, k)], factor[At(q, k)], sum);
                }

                if (p == q)
                {
                    log += Vector512.Log(sum);
                    factor[At(p, p)] = Vector512<double>.One / Vector512.Sqrt(sum);
                }
                else
                {
                    factor[At(p, q)] = sum * factor[At(q, q)];
                }
            }
        }

        return log;
    }

    // In place, column by column: entries below the diagonal are read before they are overwritten.
    private static void InvertFactor(int width, Span<Vector512<double>> factor)
    {
        for (var p = 1; p < width; p++)
        {
            for (var q = 0; q < p; q++)
            {
                var sum = Vector512<double>.Zero;
                for (var k = q; k < p; k++)
                {
                    sum = Vector512.FusedMultiplyAdd(factor[At(p, k)], factor[At(k, q)], sum);
                }

                factor[At(p, q)] = sum;
            }

            var scale = -factor[At(p, p)];
            for (var q = 0; q < p; q++)
            {
                factor[At(p, q)] *= scale;
            }
        }
    }

    private static void MultiplyByTranspose(int width, Span<Vector512<double>> factor, Span<Vector512<double>> inverse)
    {
        for (var p = 0; p < width; p++)
        {
            for (var q = 0; q <= p; q++)
            {
                var sum = Vector512<double>.Zero;
                for (var k = p; k < width; k++)
                {
                    sum = Vector512.FusedMultiplyAdd(factor[At(k, p)], factor[At(k, q)], sum);
                }

                inverse[At(p, q)] = sum;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int At(int p, int q) => (p * (p + 1) / 2) + q;
}
