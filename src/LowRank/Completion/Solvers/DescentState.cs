using System.Numerics;
using LowRank.Completion.Kernels;

namespace LowRank.Completion.Solvers;

/// <summary>The chain left x (W_L ... W_1) x right^T and one gradient step on it.</summary>
/// <remarks>
/// Gradients of 1/2 sum of squared residuals over the observed entries (theory 4): with C the product of the inner
/// matrices, A = left C, E the residual and K = left^T E right, they are dW_l = (W_L..W_(l+1))^T K (W_(l-1)..W_1)^T,
/// dLeft = E right C^T and dRight = E^T A. One step costs O(observed x width + (rows + columns) x width^2).
/// </remarks>
internal sealed class DescentState<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly SparseRows<T> _data;
    private readonly RowBlocks _blocks;
    private readonly Tall<T> _outer;        // A = left C
    private readonly Tall<T> _rowGradient;  // E right
    private readonly Tall<T>[] _columnGradients;
    private readonly double[][] _before;    // W_(l-1) ... W_1 for each l, and the whole product last
    private readonly double[][] _after;     // W_L ... W_(l+1)
    private readonly double[] _scratch;
    private readonly double[] _gradient;

    public DescentState(SparseRows<T> data, Tall<T> left, double[][] cores, Tall<T> right, int threads)
    {
        (_data, Left, Cores, Right) = (data, left, cores, right);
        var width = left.Width;
        _blocks = RowBlocks.Of(data, threads, count: threads);
        _outer = new(left.Rows, width);
        _rowGradient = new(left.Rows, width);
        _columnGradients = [.. Enumerable.Range(0, _blocks.Count).Select(_ => new Tall<T>(right.Rows, width))];
        _before = NewMatrices(cores.Length + 1, width);
        _after = NewMatrices(cores.Length, width);
        _scratch = new double[width * width];
        _gradient = new double[width * width];
        _before[0] = Small.Identity(width);
        _after[^1] = Small.Identity(width);
        MultiplyCores();
    }

    public Tall<T> Left { get; }

    /// <summary>W_1 to W_L.</summary>
    public double[][] Cores { get; }

    public Tall<T> Right { get; }

    /// <summary>left x (W_L ... W_1) as of the last pass over the entries or <see cref="RefreshOuter"/>.</summary>
    public Tall<T> Outer => _outer;

    /// <summary>One step of gradient descent with weight decay.</summary>
    /// <param name="step">Step size of the inner matrices, for the sum of squares.</param>
    /// <param name="gamma">The outer factors step with gamma x step.</param>
    /// <param name="decay">Weight decay.</param>
    /// <returns>The sum of squared residuals before the step.</returns>
    public double Step(double step, double gamma, double decay)
    {
        var outerStep = gamma * step;
        var productTransposed = Transpose(_before[^1], Left.Width);
        var squares = new double[_blocks.Count];
        var inner = new double[_blocks.Count][];
        _blocks.Run((block, from, to) =>
        {
            squares[block] = Residual(block, from, to);
            inner[block] = Left.TransposeTimes(_rowGradient, from, to);
            if (outerStep != 0)
            {
                Shrink(Left.Data.AsSpan(from * Left.Stride, (to - from) * Left.Stride), outerStep * decay);
                _rowGradient.Times(productTransposed, Left, from, to, -outerStep, add: true);
            }
        });
        if (outerStep != 0)
        {
            Shrink(Right.Data, outerStep * decay);
            foreach (var columns in _columnGradients)
            {
                AddScaled(Right.Data, columns.Data, -outerStep);
            }
        }

        StepCores(inner, step, decay);
        return squares.Sum();
    }

    /// <summary>The sum of squared residuals at the present point.</summary>
    public double SumOfSquares()
    {
        var squares = new double[_blocks.Count];
        _blocks.Run((block, from, to) => squares[block] = Residual(block, from, to));
        return squares.Sum();
    }

    /// <summary>Brings <see cref="Outer"/> up to date with the factors.</summary>
    public void RefreshOuter() => Left.Times(_before[^1], _outer);

    private double Residual(int block, int from, int to)
    {
        Left.Times(_before[^1], _outer, from, to);
        _rowGradient.Data.AsSpan(from * Left.Stride, (to - from) * Left.Stride).Clear();
        var columns = _columnGradients[block];
        Array.Clear(columns.Data);
        return SparseKernels.Residual(
            _data, from, to, Left.Stride, _outer.Data, Right.Data, _rowGradient.Data, columns.Data);
    }

    private void StepCores(double[][] innerParts, double step, double decay)
    {
        var width = Left.Width;
        var inner = innerParts[0];
        foreach (var part in innerParts.Skip(1))
        {
            for (var p = 0; p < inner.Length; p++)
            {
                inner[p] += part[p];
            }
        }

        for (var l = 0; l < Cores.Length; l++)
        {
            Small.TransposeMultiply(_after[l], inner, _scratch, width);
            Small.MultiplyTransposed(_scratch, _before[l], _gradient, width);
            for (var p = 0; p < _gradient.Length; p++)
            {
                Cores[l][p] = ((1 - (step * decay)) * Cores[l][p]) - (step * _gradient[p]);
            }
        }

        MultiplyCores();
    }

    private static double[][] NewMatrices(int count, int width) =>
        [.. Enumerable.Range(0, count).Select(_ => new double[width * width])];

    private static double[] Transpose(double[] matrix, int width)
    {
        var result = new double[matrix.Length];
        for (var p = 0; p < width; p++)
        {
            for (var q = 0; q < width; q++)
            {
                result[(q * width) + p] = matrix[(p * width) + q];
            }
        }

        return result;
    }

    private static void Shrink(Span<T> data, double share)
    {
        if (share != 0)
        {
            var keep = T.CreateTruncating(1 - share);
            foreach (ref var x in data)
            {
                x *= keep;
            }
        }
    }

    private static void AddScaled(T[] to, T[] from, double scale)
    {
        var s = new Vector<T>(T.CreateTruncating(scale));
        var i = 0;
        for (; i <= to.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            (new Vector<T>(to, i) + (s * new Vector<T>(from, i))).CopyTo(to, i);
        }

        for (; i < to.Length; i++)
        {
            to[i] += s[0] * from[i];
        }
    }

    private void MultiplyCores()
    {
        var width = Left.Width;
        for (var l = 0; l < Cores.Length; l++)
        {
            Small.Multiply(Cores[l], _before[l], _before[l + 1], width);
        }

        for (var l = Cores.Length - 2; l >= 0; l--)
        {
            Small.Multiply(_after[l + 1], Cores[l + 1], _after[l], width);
        }
    }
}
