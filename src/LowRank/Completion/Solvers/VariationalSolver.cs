using System.Numerics;
using LowRank.Completion.Kernels;
using LowRank.Tensors;
using MathNet.Numerics.LinearAlgebra;

namespace LowRank.Completion.Solvers;

/// <summary>
/// Variational Bayesian low-rank completion: alternating ridge regressions whose weights, for every direction, every
/// bias and the noise, are learned from the data, so that nothing is left to tune.
/// </summary>
/// <remarks>
/// The posterior of every factor vector is a Gaussian with full covariance (Lim and Teh 2007), the prior variance of
/// each direction is learned (directions that the data do not support shrink to nothing), and after each sweep the
/// basis is turned so that both sides' second moments are the same diagonal matrix (in the manner of Luttinen and Ilin
/// 2010), which removes the slow rotations of plain alternation. The start is the leading subspace of the bias-free,
/// zero-filled data, as in the paper's compression (section 4), by sparse products only.
/// </remarks>
internal sealed class VariationalSolver<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int BiasSweeps = 8;
    private const int WarmUp = 2;          // sweeps before the weights are learned
    private const double NoBias = 1e-14;   // prior variance that pins a bias to zero, relative to the data's

    private readonly SparseRows<T> _byRow;
    private readonly SparseRows<T> _byColumn;
    private readonly int _threads;
    private readonly double _mean;
    private readonly double _variance;
    private readonly bool _biases;
    private MomentSide<T> _rows;
    private MomentSide<T> _columns;

    public VariationalSolver(ObservedMatrix data, bool[]? heldOut, bool biases, int threads)
    {
        _threads = threads;
        _biases = biases;
        _mean = biases ? Mean(data, heldOut) : 0;
        _byRow = SparseRows<T>.From(data, _mean, heldOut);
        _byColumn = _byRow.Transpose();
        _variance = Math.Max(SumOfSquares() / Math.Max(1, _byRow.TrainingCount()), 1e-300);
        Noise = _variance;
        (_rows, _columns) = Sides(_byRow, _byColumn, 0);
    }

    /// <summary>Variance of the noise, as learned so far.</summary>
    public double Noise { get; private set; }

    /// <summary>Variance that each direction explains, in descending order.</summary>
    public double[] Explained { get; private set; } = [];

    /// <summary>Variance of the data about their mean.</summary>
    public double Variance => _variance;

    /// <summary>Learns the biases alone, then starts the factors at the leading subspace of what they leave.</summary>
    public void Start(int rank, Seed seed)
    {
        if (_biases)
        {
            for (var sweep = 0; sweep < BiasSweeps; sweep++)
            {
                Alternate();
                LearnWeights(turn: false);
            }
        }

        if (rank == 0)
        {
            return;
        }

        var (oldRows, oldColumns) = (_rows, _columns);
        double RowBias(int i) => double.CreateTruncating(oldRows.Mean(i)[0]);
        double ColumnBias(int j) => double.CreateTruncating(oldColumns.Mean(j)[0]);
        var byRow = _byRow.Subtract(RowBias, ColumnBias);
        var byColumn = _byColumn.Subtract(ColumnBias, RowBias);
        var svd = SubspaceSvd<T>.Compute(byRow, byColumn, rank, 3, seed.For("svd").Random(), _threads);
        var (rowBias, columnBias) = (oldRows.Variances[0], oldColumns.Variances[0]);
        (_rows, _columns) = Sides(_byRow, _byColumn, rank);
        (_rows.Variances[rank], _columns.Variances[rank]) = (rowBias, columnBias);
        StartFactors(svd, rank, ColumnBias);
    }

    /// <summary>Learns the weights, once warm, and alternates over rows and columns.</summary>
    public void Sweep(int number)
    {
        if (number > WarmUp)
        {
            LearnWeights(turn: true);
        }

        Alternate();
    }

    /// <summary>From now on learns from the held-out entries too.</summary>
    public void AbsorbHoldOut()
    {
        _rows.Data = _byRow.WithoutHoldOut();
        _columns.Data = _byColumn.WithoutHoldOut();
    }

    /// <summary>Alternates once without touching the weights.</summary>
    public void Alternate()
    {
        _rows.Update(_columns, Noise);
        var squares = _columns.Update(_rows, Noise);
        var count = Math.Max(1, _columns.Data.TrainingCount());
        Noise = Math.Max(squares / count, _variance * 1e-15);
    }

    /// <summary>Root-mean-square and mean absolute error on the held-out entries.</summary>
    public CompletionScore ScoreHeldOut(double low, double high)
    {
        double squares = 0, absolutes = 0;
        var count = 0;
        for (var i = 0; i < _byRow.Count; i++)
        {
            for (int k = _byRow.End(i), end = _byRow.HeldOutEnd(i); k < end; k++)
            {
                var error = Math.Clamp(_mean + Predict(i, _byRow.Indices[k]), low, high)
                    - (_mean + double.CreateTruncating(_byRow.Values[k]));
                squares += error * error;
                absolutes += Math.Abs(error);
                count++;
            }
        }

        return CompletionScore.From(squares, absolutes, count);
    }

    /// <summary>The posterior means.</summary>
    public FittedFactors Result()
    {
        var rank = _rows.Variances.Length - 1;
        Tall<double> left = new(_byRow.Count, rank), right = new(_byColumn.Count, rank);
        return new(_mean, Unpack(_rows, left), Unpack(_columns, right), left, right);
    }

    private static double Mean(ObservedMatrix data, bool[]? heldOut)
    {
        double sum = 0;
        var count = 0;
        for (var k = 0; k < data.Count; k++)
        {
            if (heldOut is null || !heldOut[k])
            {
                sum += data.Values[k];
                count++;
            }
        }

        return count == 0 ? 0 : sum / count;
    }

    private double SumOfSquares()
    {
        var sum = 0.0;
        for (var i = 0; i < _byRow.Count; i++)
        {
            for (int k = _byRow.Start(i), end = _byRow.End(i); k < end; k++)
            {
                var x = double.CreateTruncating(_byRow.Values[k]);
                sum += x * x;
            }
        }

        return sum;
    }

    private (MomentSide<T> Rows, MomentSide<T> Columns) Sides(SparseRows<T> byRow, SparseRows<T> byColumn, int rank)
    {
        var bias = _biases ? _variance / 4 : _variance * NoBias;
        MomentSide<T> rows = new(byRow, rank, _threads, bias), columns = new(byColumn, rank, _threads, bias);
        if (rank == 0)
        {
            for (var j = 0; j < columns.Data.Count; j++)
            {
                columns.Set(j, [], 0, 0);
            }
        }

        return (rows, columns);
    }

    // The directions share the variance that the biases leave, in proportion to their squared singular values.
    private void StartFactors(SubspaceSvd<T> svd, int rank, Func<int, double> bias)
    {
        var total = svd.SingularValues.Sum(s => s * s);
        var scales = new double[rank];
        for (var k = 0; k < rank; k++)
        {
            var s = k < svd.SingularValues.Length ? svd.SingularValues[k] : 0;
            var share = Math.Max(Noise * (total > 0 ? s * s / total : 0), _variance * 1e-12);
            _rows.Variances[k] = _columns.Variances[k] = Math.Sqrt(share);
            scales[k] = Math.Sqrt(_byColumn.Count * _columns.Variances[k]);
        }

        var factors = new double[rank];
        for (var j = 0; j < _byColumn.Count; j++)
        {
            for (var k = 0; k < svd.Right.Width; k++)
            {
                factors[k] = scales[k] * double.CreateTruncating(svd.Right.Row(j)[k]);
            }

            _columns.Set(j, factors, bias(j), 0);
        }
    }

    private void LearnWeights(bool turn)
    {
        var rank = _rows.Variances.Length - 1;
        var (rowSum, rowCount) = _rows.Total();
        var (columnSum, columnCount) = _columns.Total();
        if (_biases)
        {
            var at = MomentSide<T>.Triangle(rank) + rank;
            _rows.Variances[rank] = Math.Max(rowSum[at] / rowCount, _variance * NoBias);
            _columns.Variances[rank] = Math.Max(columnSum[at] / columnCount, _variance * NoBias);
        }

        if (!turn || rank == 0)
        {
            return;
        }

        // With C_u = L L^T and L^T C_v L = W D W^T, turning v by D^(-1/4) W^T L^T, and u by the inverse transpose,
        // makes both second moments D^(1/2). The rows are found anew from the columns, so only these are turned.
        var l = SecondMoments(rowSum, rank, rowCount).Cholesky().Factor;
        var eigen = (l.Transpose() * SecondMoments(columnSum, rank, columnCount) * l).Evd(Symmetricity.Symmetric);
        var (w, turned) = (eigen.EigenVectors, l.Transpose());
        var floor = _variance * 1e-12;
        var map = new double[rank * rank];
        var lt = w.Transpose() * turned;
        Explained = new double[rank];
        for (var k = 0; k < rank; k++)
        {
            var from = rank - 1 - k;
            var d = Math.Max(eigen.EigenValues[from].Real, floor * floor);
            Explained[k] = d;
            _rows.Variances[k] = _columns.Variances[k] = Math.Sqrt(d);
            for (var p = 0; p < rank; p++)
            {
                map[(k * rank) + p] = Math.Pow(d, -0.25) * lt[from, p];
            }
        }

        _columns.Turn(map);
    }

    private static Matrix<double> SecondMoments(double[] sum, int rank, int count)
    {
        var full = Matrix<double>.Build.Dense(
            rank, rank, (p, q) => sum[MomentSide<T>.Triangle(Math.Max(p, q)) + Math.Min(p, q)] / count);
        var ridge = full.Trace() / rank * 1e-13;
        return full + (Matrix<double>.Build.DenseIdentity(rank) * Math.Max(ridge, double.Epsilon));
    }

    private double Predict(int i, int j)
    {
        var u = _rows.Mean(i);
        var v = _columns.Mean(j);
        var rank = u.Length - 2;
        var sum = double.CreateTruncating(u[rank] + v[rank]);
        for (var k = 0; k < rank; k++)
        {
            sum += double.CreateTruncating(u[k]) * double.CreateTruncating(v[k]);
        }

        return sum;
    }

    private static double[] Unpack(MomentSide<T> side, Tall<double> factors)
    {
        var biases = new double[factors.Rows];
        for (var i = 0; i < factors.Rows; i++)
        {
            var mean = side.Mean(i);
            biases[i] = double.CreateTruncating(mean[factors.Width]);
            for (var k = 0; k < factors.Width; k++)
            {
                factors.Row(i)[k] = double.CreateTruncating(mean[k]);
            }
        }

        return biases;
    }
}
