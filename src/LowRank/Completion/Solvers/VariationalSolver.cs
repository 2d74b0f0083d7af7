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
    private const double NoBias = 1e-14;   // prior variance that pins a bias to zero; the data's is 1

    private const double Vanished = 1e-12; // variance of a direction that the data do not support

    // Noise below this share of the data's variance is rounding.
    private static readonly double NoiseFloor = typeof(T) == typeof(float) ? 1e-10 : 1e-15;

    private readonly SparseRows<T> _byRow;
    private readonly SparseRows<T> _byColumn;
    private readonly int _threads;
    private readonly ValueScale _scale;
    private readonly bool _biases;
    private MomentSide<T> _rows;
    private MomentSide<T> _columns;

    public VariationalSolver(ObservedMatrix data, bool[]? heldOut, bool biases, int threads)
    {
        _threads = threads;
        _biases = biases;
        _scale = ValueScale.Of(data, heldOut, biases);
        _byRow = SparseRows<T>.From(data, _scale, heldOut);
        _byColumn = _byRow.Transpose();
        Noise = 1;
        (_rows, _columns) = Sides(_byRow, _byColumn, 0);
    }

    /// <summary>Variance of the noise as learned so far, as a share of the data's.</summary>
    public double Noise { get; private set; }

    /// <summary>Whether the data differ from their mean at all.</summary>
    public bool Varies => _scale.Varies;

    /// <summary>Whether the data are fitted down to rounding.</summary>
    public bool IsExact => Noise <= NoiseFloor;

    /// <summary>Standard deviation of the noise, in the data's units.</summary>
    public double NoiseDeviation => Math.Sqrt(Noise) * _scale.Deviation;

    /// <summary>Learns the biases alone, then starts the factors at the leading subspace of what they leave.</summary>
    public void Start(int rank, Seed seed, CompletionModel? from)
    {
        if (!Varies)
        {
            return;
        }

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
        (_rows, _columns) = Sides(_byRow, _byColumn, rank);
        (_rows.Variances[rank], _columns.Variances[rank]) = (oldRows.Variances[0], oldColumns.Variances[0]);
        if (from is not null)
        {
            Continue(from, rank);
            return;
        }

        double RowBias(int i) => double.CreateTruncating(oldRows.Mean(i)[0]);
        double ColumnBias(int j) => double.CreateTruncating(oldColumns.Mean(j)[0]);
        var byRow = _byRow.Subtract(RowBias, ColumnBias);
        var byColumn = _byColumn.Subtract(ColumnBias, RowBias);
        var svd = SubspaceSvd<T>.Compute(byRow, byColumn, rank, 3, seed.For("svd").Random(), _threads);
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
        Noise = Math.Max(squares / count, NoiseFloor);
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
                var error = Math.Clamp(_scale.Restore(Predict(i, _byRow.Indices[k])), low, high)
                    - _scale.Restore(double.CreateTruncating(_byRow.Values[k]));
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
        return new(_scale.Mean, Unpack(_rows, left), Unpack(_columns, right), left, right);
    }

    private (MomentSide<T> Rows, MomentSide<T> Columns) Sides(SparseRows<T> byRow, SparseRows<T> byColumn, int rank)
    {
        var bias = _biases ? 0.25 : NoBias;
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
            var share = Math.Max(Noise * (total > 0 ? s * s / total : 0), Vanished);
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

    // Columns begin where the model has them, each side with half of every singular value, as after a turn.
    private void Continue(CompletionModel from, int rank)
    {
        var values = from.Report.SingularValues;
        var cells = Math.Sqrt((double)_byRow.Count * _byColumn.Count) * _scale.Deviation;
        var factors = new double[rank];
        for (var k = 0; k < rank; k++)
        {
            var share = k < values.Count ? values[k] / cells : 0;
            _rows.Variances[k] = _columns.Variances[k] = Math.Max(share, Vanished);
        }

        for (var j = 0; j < _byColumn.Count; j++)
        {
            for (var k = 0; k < Math.Min(rank, from.Factors.Width); k++)
            {
                factors[k] = Math.Sqrt(_byColumn.Count * _columns.Variances[k]) * from.Factors.Right.Row(j)[k];
            }

            _columns.Set(j, factors, from.Factors.ColumnBiases[j] / _scale.Deviation, 0);
        }

        var squares = from.Report.TrainRmse / _scale.Deviation;
        Noise = Math.Max(squares * squares, NoiseFloor);
    }

    private void LearnWeights(bool turn)
    {
        var rank = _rows.Variances.Length - 1;
        var (rowSum, rowCount) = _rows.Total();
        var (columnSum, columnCount) = _columns.Total();
        if (_biases)
        {
            var at = MomentSide<T>.Triangle(rank) + rank;
            _rows.Variances[rank] = Math.Max(rowSum[at] / rowCount, NoBias);
            _columns.Variances[rank] = Math.Max(columnSum[at] / columnCount, NoBias);
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
        var map = new double[rank * rank];
        var lt = w.Transpose() * turned;
        for (var k = 0; k < rank; k++)
        {
            var from = rank - 1 - k;
            var d = Math.Max(eigen.EigenValues[from].Real, Vanished * Vanished);
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

    private double[] Unpack(MomentSide<T> side, Tall<double> factors)
    {
        var share = Math.Sqrt(_scale.Deviation); // each side takes half of the data's scale
        var biases = new double[factors.Rows];
        for (var i = 0; i < factors.Rows; i++)
        {
            var mean = side.Mean(i);
            biases[i] = _scale.Deviation * double.CreateTruncating(mean[factors.Width]);
            for (var k = 0; k < factors.Width; k++)
            {
                factors.Row(i)[k] = share * double.CreateTruncating(mean[k]);
            }
        }

        return biases;
    }
}
