using System.Numerics;
using LowRank.Completion.Kernels;
using MathNet.Numerics.LinearAlgebra;

namespace LowRank.Completion.Solvers;

/// <summary>The leading singular triplets of a sparse matrix, zero where nothing was observed.</summary>
/// <remarks>
/// Randomized block subspace iteration (Halko, Martinsson, Tropp 2011) by sparse products only: O(observed x rank) a
/// pass, and the dense matrix is never formed.
/// </remarks>
internal sealed record SubspaceSvd<T>(double[] SingularValues, Tall<T> Left, Tall<T> Right)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Oversampling = 8;
    private const double Negligible = 1e-7; // the Gram matrix cannot tell smaller directions from rounding

    /// <summary>Finds the leading triplets.</summary>
    /// <param name="byRow">The entries by row.</param>
    /// <param name="byColumn">The same entries by column.</param>
    /// <param name="rank">How many triplets; at most the smaller side.</param>
    /// <param name="passes">Iterations; each squares the decay of the error.</param>
    /// <param name="random">Draws the starting block.</param>
    /// <param name="threads">How many threads work.</param>
    public static SubspaceSvd<T> Compute(
        SparseRows<T> byRow, SparseRows<T> byColumn, int rank, int passes, Random random, int threads)
    {
        var width = Math.Min(rank + Oversampling, Math.Min(byRow.Count, byColumn.Count));
        var rowBlocks = RowBlocks.Of(byRow, threads);
        var columnBlocks = RowBlocks.Of(byColumn, threads);
        Tall<T> right = new(byColumn.Count, width), left = new(byRow.Count, width);
        right.FillNormal(random, 1);
        for (var pass = 0; pass < passes; pass++)
        {
            right = Orthonormalize(right);
            Multiply(byRow, rowBlocks, right, left);
            left = Orthonormalize(left);
            Multiply(byColumn, columnBlocks, left, right);
        }

        // With orthonormal left, data^T left = right' holds the singular values: right'^T right' = W diag(s^2) W^T.
        var (values, turn) = Spectrum(right, rank);
        var leading = new Tall<T>(byRow.Count, turn.Length / width);
        left.Times(turn, leading);
        var scaled = (double[])turn.Clone();
        for (var p = 0; p < width; p++)
        {
            for (var k = 0; k < leading.Width; k++)
            {
                scaled[(p * leading.Width) + k] *= values[k] > 0 ? 1 / values[k] : 0;
            }
        }

        var vectors = new Tall<T>(byColumn.Count, leading.Width);
        right.Times(scaled, vectors);
        return new(values, leading, vectors);
    }

    /// <summary>An orthonormal basis of the columns; directions that vanish come out as zero columns.</summary>
    public static Tall<T> Orthonormalize(Tall<T> matrix)
    {
        // Twice, since the Gram matrix squares the condition number.
        for (var pass = 0; pass < 2; pass++)
        {
            var (values, turn) = Spectrum(matrix, matrix.Width);
            var width = matrix.Width;
            for (var p = 0; p < width; p++)
            {
                for (var k = 0; k < width; k++)
                {
                    turn[(p * width) + k] *= values[k] > values[0] * Negligible ? 1 / values[k] : 0;
                }
            }

            var next = new Tall<T>(matrix.Rows, width);
            matrix.Times(turn, next);
            matrix = next;
        }

        return matrix;
    }

    private static void Multiply(SparseRows<T> data, RowBlocks blocks, Tall<T> dense, Tall<T> result) =>
        blocks.Run((_, from, to) => SparseKernels.Multiply(data, from, to, dense.Stride, dense.Data, result.Data));

    // Singular values of a tall matrix in descending order, and its right singular vectors [width, count].
    private static (double[] Values, double[] Vectors) Spectrum(Tall<T> matrix, int count)
    {
        var width = matrix.Width;
        count = Math.Min(count, width);
        var gram = Matrix<double>.Build.Dense(width, width, matrix.TransposeTimes(matrix));
        var eigen = ((gram + gram.Transpose()) / 2).Evd(Symmetricity.Symmetric);
        var values = new double[count];
        var vectors = new double[width * count];
        for (var k = 0; k < count; k++)
        {
            var from = width - 1 - k;
            values[k] = Math.Sqrt(Math.Max(0, eigen.EigenValues[from].Real));
            for (var p = 0; p < width; p++)
            {
                vectors[(p * count) + k] = eigen.EigenVectors[p, from];
            }
        }

        return (values, vectors);
    }
}
