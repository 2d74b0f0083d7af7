using LowRank.Completion.Kernels;
using MathNet.Numerics.LinearAlgebra;

namespace LowRank.Completion.Solvers;

/// <summary>The fitted numbers: value = mean + row bias + column bias + left x (W_L ... W_1) x right^T.</summary>
internal sealed class ChainFactors
{
    private readonly Tall<double> _outer;

    public ChainFactors(
        double mean, double[] rowBiases, double[] columnBiases, Tall<double> left, double[][] cores, Tall<double> right)
    {
        (Mean, RowBiases, ColumnBiases, Left, Cores, Right) = (mean, rowBiases, columnBiases, left, cores, right);
        var product = Small.Identity(Width);
        foreach (var core in cores)
        {
            var next = new double[product.Length];
            Small.Multiply(core, product, next, Width);
            product = next;
        }

        _outer = new(left.Rows, Width);
        left.Times(product, _outer);
    }

    public double Mean { get; }

    public double[] RowBiases { get; }

    public double[] ColumnBiases { get; }

    public Tall<double> Left { get; }

    /// <summary>W_1 to W_L, row-major.</summary>
    public double[][] Cores { get; }

    public Tall<double> Right { get; }

    public int Width => Left.Width;

    /// <summary>Writes the product of a pair of factors as orthonormal left x diagonal x orthonormal right.</summary>
    /// <remarks>Directions that vanished are dropped.</remarks>
    public static ChainFactors FromPair(FittedFactors fit)
    {
        // With U^T U = L L^T and L^T (V^T V) L = W D W^T: U L^-T W and V L W D^(-1/2) are orthonormal, and
        // U V^T = (U L^-T W) D^(1/2) (V L W D^(-1/2))^T.
        var rank = fit.Left.Width;
        if (rank == 0)
        {
            return new(fit.Mean, fit.RowBiases, fit.ColumnBiases, fit.Left, [], fit.Right);
        }

        var left = Gram(fit.Left);
        var l = (left + (Matrix<double>.Build.DenseIdentity(rank) * Math.Max(left.Trace() * 1e-15, 1e-300)))
            .Cholesky().Factor;
        var eigen = (l.Transpose() * Gram(fit.Right) * l).Evd(Symmetricity.Symmetric);
        var largest = Math.Sqrt(Math.Max(0, eigen.EigenValues[rank - 1].Real));
        var kept = Enumerable.Range(0, rank)
            .Select(k => rank - 1 - k)
            .Where(k => Math.Sqrt(Math.Max(0, eigen.EigenValues[k].Real)) > largest * 1e-6)
            .ToArray();
        var values = kept.Select(k => Math.Sqrt(eigen.EigenValues[k].Real)).ToArray();
        var w = eigen.EigenVectors;
        var leftTurn = l.Transpose().Inverse() * w;
        var rightTurn = l * w;
        Tall<double> newLeft = new(fit.Left.Rows, kept.Length), newRight = new(fit.Right.Rows, kept.Length);
        fit.Left.Times(Columns(leftTurn, kept, _ => 1), newLeft);
        fit.Right.Times(Columns(rightTurn, kept, k => 1 / values[k]), newRight);
        var core = Small.Identity(kept.Length);
        for (var k = 0; k < kept.Length; k++)
        {
            core[(k * kept.Length) + k] = values[k];
        }

        return new(fit.Mean, fit.RowBiases, fit.ColumnBiases, newLeft, kept.Length == 0 ? [] : [core], newRight);
    }

    /// <summary>The prediction for a row and a column; -1 stands for one that was never seen.</summary>
    public double Predict(int row, int column)
    {
        var sum = Mean + (row < 0 ? 0 : RowBiases[row]) + (column < 0 ? 0 : ColumnBiases[column]);
        return row < 0 || column < 0 || Width == 0
            ? sum
            : sum + SparseKernels.Dot(
                ref _outer.Data[row * _outer.Stride], ref Right.Data[column * Right.Stride], Right.Stride);
    }

    /// <summary>The sum of squared residuals over entries.</summary>
    public double SumOfSquares(ObservedMatrix data, int threads)
    {
        const int BlockCount = 64;
        var parts = new double[BlockCount];
        Parallel.For(0, BlockCount, new ParallelOptions { MaxDegreeOfParallelism = threads }, block =>
        {
            var rows = data.Rows;
            var columns = data.Columns;
            var values = data.Values;
            var sum = 0.0;
            for (var k = (int)((long)data.Count * block / BlockCount); k < (long)data.Count * (block + 1) / BlockCount; k++)
            {
                var error = Predict(rows[k], columns[k]) - values[k];
                sum += error * error;
            }

            parts[block] = sum;
        });
        return parts.Sum();
    }

    /// <summary>Singular values of the low-rank part, descending.</summary>
    public double[] SingularValues()
    {
        if (Width == 0)
        {
            return [];
        }

        var left = Gram(_outer);
        var right = Gram(Right);
        var root = right.Evd(Symmetricity.Symmetric);
        var half = root.EigenVectors
            * Matrix<double>.Build.DenseDiagonal(Width, Width, k => Math.Sqrt(Math.Max(0, root.EigenValues[k].Real)));
        return [.. (half.Transpose() * left * half).Evd(Symmetricity.Symmetric).EigenValues
            .Select(value => Math.Sqrt(Math.Max(0, value.Real))).OrderDescending()];
    }

    private static Matrix<double> Gram(Tall<double> matrix)
    {
        var gram = Matrix<double>.Build.Dense(matrix.Width, matrix.Width, matrix.TransposeTimes(matrix));
        return (gram + gram.Transpose()) / 2;
    }

    private static double[] Columns(Matrix<double> matrix, int[] kept, Func<int, double> scale)
    {
        var result = new double[matrix.RowCount * kept.Length];
        for (var p = 0; p < matrix.RowCount; p++)
        {
            for (var k = 0; k < kept.Length; k++)
            {
                result[(p * kept.Length) + k] = matrix[p, kept[k]] * scale(k);
            }
        }

        return result;
    }
}
