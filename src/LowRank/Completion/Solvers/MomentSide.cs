using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using LowRank.Completion.Kernels;

namespace LowRank.Completion.Solvers;

/// <summary>One side (rows or columns) of the variational factorization: every factor's mean and second moments.</summary>
/// <remarks>
/// A factor is z = [factors (rank), bias, 1]. What the other side needs of it is E[z z^T], kept as a packed lower
/// triangle whose last row is E[z] itself: entry (p, q) at p (p + 1) / 2 + q. The normal equations of a row are then
/// plain sums of the triangles of the columns it has seen. A coefficient vector on z is [own factors, 1, own bias].
/// </remarks>
internal sealed class MomentSide<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Chunk = 256; // single-precision sums are moved to double after this many entries
    private readonly int _rank;
    private readonly int _tailWidth;
    private readonly RowBlocks _blocks;
    private readonly ConcurrentBag<Workspace> _workspaces = [];

    public MomentSide(SparseRows<T> data, int rank, int threads, double biasVariance)
    {
        _rank = rank;
        Data = data;
        Tail = Triangle(rank + 1);
        _tailWidth = SparseKernels.Stride<T>(rank + 2);
        Stride = SparseKernels.Stride<T>(Tail + _tailWidth);
        Moments = new T[(long)data.Count * Stride];
        Variances = new double[rank + 1];
        Variances[rank] = biasVariance;
        _blocks = RowBlocks.Of(data, threads, LaneCholesky.Lanes);
    }

    /// <summary>The entries, grouped by this side.</summary>
    public SparseRows<T> Data { get; set; }

    /// <summary>Prior variance of each factor and, last, of the bias.</summary>
    public double[] Variances { get; }

    /// <summary>Packed triangles, [count, stride].</summary>
    public T[] Moments { get; }

    public int Stride { get; }

    /// <summary>Where a triangle's last row, the mean, begins.</summary>
    public int Tail { get; }

    /// <summary>Entries of a packed triangle with this many rows.</summary>
    public static int Triangle(int rows) => rows * (rows + 1) / 2;

    /// <summary>The mean of one factor vector: [factors, bias, 1].</summary>
    public ReadOnlySpan<T> Mean(int i) => Moments.AsSpan((i * Stride) + Tail, _rank + 2);

    /// <summary>Sets a factor vector to a known value with the given variance of each factor.</summary>
    public void Set(int i, ReadOnlySpan<double> factors, double bias, double variance)
    {
        Span<double> z = stackalloc double[_rank + 2];
        factors.CopyTo(z);
        z[_rank] = bias;
        z[_rank + 1] = 1;
        var triangle = Moments.AsSpan(i * Stride, Stride);
        for (var p = 0; p < z.Length; p++)
        {
            for (var q = 0; q <= p; q++)
            {
                var spread = p == q && p < _rank ? variance : 0;
                triangle[Triangle(p) + q] = T.CreateTruncating((z[p] * z[q]) + spread);
            }
        }
    }

    /// <summary>Finds every factor vector of this side anew, given the other side.</summary>
    /// <param name="other">The other side.</param>
    /// <param name="noise">Variance of the noise.</param>
    /// <returns>The expected sum of squared residuals under the new moments.</returns>
    public double Update(MomentSide<T> other, double noise) =>
        _blocks.Sum((from, to) =>
        {
            if (!_workspaces.TryTake(out var work))
            {
                work = new(_rank, Stride, _tailWidth);
            }

            var squares = 0.0;
            for (var i = from; i < to; i += LaneCholesky.Lanes)
            {
                squares += UpdateLanes(work, i, Math.Min(to - i, LaneCholesky.Lanes), other, noise);
            }

            _workspaces.Add(work);
            return squares;
        });

    /// <summary>Sum of the second moments over the rows that have observations, packed; and their number.</summary>
    public (double[] Sum, int Rows) Total()
    {
        var parts = new double[_blocks.Count][];
        var counts = new int[_blocks.Count];
        _blocks.Run((block, from, to) =>
        {
            var sum = new double[Triangle(_rank + 2)];
            for (var i = from; i < to; i++)
            {
                if (Data.End(i) > Data.Start(i))
                {
                    counts[block]++;
                    var triangle = Moments.AsSpan(i * Stride, sum.Length);
                    for (var p = 0; p < sum.Length; p++)
                    {
                        sum[p] += double.CreateTruncating(triangle[p]);
                    }
                }
            }

            parts[block] = sum;
        });

        var total = new double[Triangle(_rank + 2)];
        foreach (var part in parts)
        {
            for (var p = 0; p < total.Length; p++)
            {
                total[p] += part[p];
            }
        }

        return (total, counts.Sum());
    }

    /// <summary>Replaces each factor vector v by turn x v, moments included.</summary>
    /// <param name="turn">[rank, rank], row-major.</param>
    public void Turn(double[] turn) =>
        _blocks.Run((_, from, to) =>
        {
            var size = Triangle(_rank + 2);
            var triangle = new Vector512<double>[size];
            var full = new Vector512<double>[_rank * _rank];
            var half = new Vector512<double>[_rank * _rank];
            var lanes = MemoryMarshal.Cast<Vector512<double>, double>(triangle.AsSpan());
            for (var i = from; i < to; i += LaneCholesky.Lanes)
            {
                var count = Math.Min(to - i, LaneCholesky.Lanes);
                for (var k = 0; k < count * size; k++)
                {
                    var (lane, at) = (k / size, k % size);
                    lanes[(at * LaneCholesky.Lanes) + lane] =
                        double.CreateTruncating(Moments[((i + lane) * Stride) + at]);
                }

                LaneTurn.Apply(_rank, turn, triangle, full, half);
                for (var k = 0; k < count * size; k++)
                {
                    var (lane, at) = (k / size, k % size);
                    Moments[((i + lane) * Stride) + at] = T.CreateTruncating(lanes[(at * LaneCholesky.Lanes) + lane]);
                }
            }
        });

    private double UpdateLanes(Workspace work, int first, int lanes, MomentSide<T> other, double noise)
    {
        var size = Triangle(_rank + 2);
        var matrix = MemoryMarshal.Cast<Vector512<double>, double>(work.Matrix.AsSpan());
        var right = MemoryMarshal.Cast<Vector512<double>, double>(work.Right.AsSpan());
        matrix.Clear();
        for (var lane = 0; lane < LaneCholesky.Lanes; lane++)
        {
            if (lane < lanes)
            {
                Accumulate(work, lane, first + lane, other);
            }

            var sums = work.Sums.AsSpan(lane * size, size);
            var weighted = work.Weighted.AsSpan(lane * (_rank + 2), _rank + 2);
            for (var p = 0; p <= _rank; p++)
            {
                var from = Triangle(p == _rank ? _rank + 1 : p);
                for (var q = 0; q < p; q++)
                {
                    matrix[((Triangle(p) + q) * LaneCholesky.Lanes) + lane] = sums[from + q] / noise;
                }

                var diagonal = p == _rank ? sums[from + _rank + 1] : sums[from + p];
                matrix[((Triangle(p) + p) * LaneCholesky.Lanes) + lane] = (diagonal / noise) + (1 / Variances[p]);
                var fixedPart = p == _rank ? sums[from + _rank] : sums[Triangle(_rank) + p];
                right[(p * LaneCholesky.Lanes) + lane] = (weighted[p == _rank ? _rank + 1 : p] - fixedPart) / noise;
            }
        }

        LaneCholesky.Invert(_rank + 1, work.Matrix, work.Factor, work.Right);
        var squares = 0.0;
        for (var lane = 0; lane < lanes; lane++)
        {
            Store(work, lane, first + lane);
            squares += ExpectedSquares(work, lane, first + lane);
        }

        return squares;
    }

    private void Accumulate(Workspace work, int lane, int row, MomentSide<T> other)
    {
        var size = Triangle(_rank + 2);
        var sums = work.Sums.AsSpan(lane * size, size);
        var weighted = work.Weighted.AsSpan(lane * (_rank + 2), _rank + 2);
        sums.Clear();
        weighted.Clear();
        var squares = 0.0;
        for (int from = Data.Start(row), end = Data.End(row); from < end; from += Chunk)
        {
            var length = Math.Min(Chunk, end - from);
            var values = Data.Values.AsSpan(from, length);
            Array.Clear(work.PartSums);
            Array.Clear(work.PartWeighted);
            SparseKernels.AddMoments<T>(
                Data.Indices.AsSpan(from, length), values, other.Moments, Stride, Tail, work.PartSums, work.PartWeighted);
            for (var p = 0; p < size; p++)
            {
                sums[p] += double.CreateTruncating(work.PartSums[p]);
            }

            for (var p = 0; p < weighted.Length; p++)
            {
                weighted[p] += double.CreateTruncating(work.PartWeighted[p]);
            }

            foreach (var value in values)
            {
                var x = double.CreateTruncating(value);
                squares += x * x;
            }
        }

        work.Squares[lane] = squares;
    }

    private void Store(Workspace work, int lane, int row)
    {
        var covariance = MemoryMarshal.Cast<Vector512<double>, double>(work.Matrix.AsSpan());
        var mean = MemoryMarshal.Cast<Vector512<double>, double>(work.Right.AsSpan());
        var triangle = Moments.AsSpan(row * Stride, Stride);
        for (var p = 0; p <= _rank; p++)
        {
            var mp = mean[(p * LaneCholesky.Lanes) + lane];
            triangle[Tail + p] = T.CreateTruncating(mp);
            var at = Triangle(p);
            for (var q = 0; q <= p; q++)
            {
                triangle[at + q] = T.CreateTruncating(
                    covariance[((at + q) * LaneCholesky.Lanes) + lane] + (mp * mean[(q * LaneCholesky.Lanes) + lane]));
            }
        }

        triangle[Tail + _rank + 1] = T.One;
    }

    // E ||x - [u, 1, b] . z||^2 = x.x - 2 E[c].(sum x z) + <E[c c^T], sum E[z z^T]> with c = [u, 1, b].
    private double ExpectedSquares(Workspace work, int lane, int row)
    {
        var size = Triangle(_rank + 2);
        var sums = work.Sums.AsSpan(lane * size, size);
        var weighted = work.Weighted.AsSpan(lane * (_rank + 2), _rank + 2);
        var own = Moments.AsSpan(row * Stride, Stride);
        var total = work.Squares[lane];
        for (var p = 0; p < _rank + 2; p++)
        {
            var op = Coefficient(p);
            total -= 2 * double.CreateTruncating(own[Tail + op]) * weighted[p];
            for (var q = 0; q <= p; q++)
            {
                var oq = Coefficient(q);
                var moment = own[Triangle(Math.Max(op, oq)) + Math.Min(op, oq)];
                total += (p == q ? 1 : 2) * sums[Triangle(p) + q] * double.CreateTruncating(moment);
            }
        }

        return Math.Max(0, total);
    }

    // Which of this side's z = [u, b, 1] multiplies place p of the other side's z = [v, c, 1].
    private int Coefficient(int p) => p < _rank ? p : p == _rank ? _rank + 1 : _rank;

    private sealed class Workspace(int rank, int stride, int tailWidth)
    {
        public readonly Vector512<double>[] Matrix = new Vector512<double>[Triangle(rank + 1)];
        public readonly Vector512<double>[] Factor = new Vector512<double>[Triangle(rank + 1)];
        public readonly Vector512<double>[] Right = new Vector512<double>[rank + 1];
        public readonly double[] Sums = new double[LaneCholesky.Lanes * Triangle(rank + 2)];
        public readonly double[] Weighted = new double[LaneCholesky.Lanes * (rank + 2)];
        public readonly double[] Squares = new double[LaneCholesky.Lanes];
        public readonly T[] PartSums = new T[stride];
        public readonly T[] PartWeighted = new T[tailWidth];
    }
}
