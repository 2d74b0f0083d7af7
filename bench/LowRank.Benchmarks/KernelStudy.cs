using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using LowRank.Completion;
using LowRank.Completion.Kernels;
using LowRank.Tensors;

namespace LowRank.Benchmarks;

/// <summary>The sparse loops against what one core's arithmetic and memory allow.</summary>
/// <remarks>
/// Bytes count what the loop must touch: indices, values, and one factor row for every entry (read, and written where
/// the loop scatters). In the small case the factors stay in cache, in the large one they do not.
/// </remarks>
internal static class KernelStudy
{
    private const int Repeats = 7;
    private const int WarmUps = 40;

    public static void Run(string[] args)
    {
        var arguments = new StudyArguments(args);
        Console.WriteLine(StudyArguments.Machine());
        var entries = arguments.Integer("--entries", 4_000_000);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            one thread; peaks measured here: {PeakGigaflops<double>():F0} GFLOP/s float64, {PeakGigaflops<float>():F0} GFLOP/s float32, {StreamGigabytes():F1} GB/s copied in memory
            loop          size              width  format   ns/entry  GFLOP/s   GB/s
            """));
        foreach (var (rows, columns, count) in new[] { (1000, 1000, 200_000), (100_000, 20_000, entries) })
        {
            var data = SyntheticRatings.Create(new() { Rows = rows, Columns = columns, Rank = 4, Entries = count }, Seed.From(0)).Observed;
            foreach (var width in new[] { 10, 16, 32 })
            {
                Measure<double>(data, width);
                Measure<float>(data, width);
            }
        }
    }

    private static void Measure<T>(ObservedMatrix data, int width)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var byRow = SparseRows<T>.From(data, ValueScale.None);
        Tall<T> left = new(data.RowCount, width), right = new(data.ColumnCount, width);
        Tall<T> rowSums = new(data.RowCount, width), columnSums = new(data.ColumnCount, width);
        left.FillNormal(Seed.From(1).Random(), 0.1);
        right.FillNormal(Seed.From(2).Random(), 0.1);
        var size = Marshal.SizeOf<T>();
        var row = right.Stride * size;

        // A dot product and two scaled sums; a factor row read, a gradient row read and written.
        Print<T>("residual", data, width, 6.0 * width, sizeof(int) + size + (3 * row), () => SparseKernels.Residual(
            byRow, 0, byRow.Count, left.Stride, left.Data, right.Data, rowSums.Data, columnSums.Data));
        Print<T>("multiply", data, width, 2.0 * width, sizeof(int) + size + row, () => SparseKernels.Multiply(
            byRow, 0, byRow.Count, right.Stride, right.Data, rowSums.Data));

        var tail = (width + 1) * (width + 2) / 2;
        var tailWidth = SparseKernels.Stride<T>(width + 2);
        var stride = SparseKernels.Stride<T>(tail + tailWidth);
        var moments = new T[(long)data.ColumnCount * stride];
        moments.AsSpan().Fill(T.One);
        T[] sums = new T[stride], weighted = new T[tailWidth];
        Print<T>("moments", data, width, stride + (2.0 * tailWidth), sizeof(int) + size + (stride * size), () =>
        {
            for (var i = 0; i < byRow.Count; i++)
            {
                var (from, length) = (byRow.Start(i), byRow.End(i) - byRow.Start(i));
                SparseKernels.AddMoments<T>(
                    byRow.Indices.AsSpan(from, length), byRow.Values.AsSpan(from, length), moments, stride, tail, sums, weighted);
            }
        });
    }

    private static void Print<T>(string loop, ObservedMatrix data, int width, double flops, double bytes, Action action)
    {
        for (var warm = 0; warm < WarmUps; warm++)
        {
            action(); // until the compiler has optimized the loop
        }

        var seconds = Enumerable.Range(0, Repeats).Select(_ =>
        {
            var clock = Stopwatch.StartNew();
            action();
            return clock.Elapsed.TotalSeconds;
        }).ToArray();
        var perEntry = StudyArguments.Median(seconds) / data.Count * 1e9;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{loop,-10} {data.RowCount,7} x {data.ColumnCount,-7} {width,8}  {(typeof(T) == typeof(float) ? "float32" : "float64")} {perEntry,9:F2} {flops / perEntry,8:F1} {bytes / perEntry,6:F1}"));
    }

    // Eight independent chains of fused multiply-adds keep both units of a core busy.
    private static double PeakGigaflops<T>()
        where T : unmanaged
    {
        const int Rounds = 20_000_000;
        const int Chains = 10;
        var best = 0.0;
        for (var repeat = 0; repeat < 3; repeat++)
        {
            var clock = Stopwatch.StartNew();
            var sum = typeof(T) == typeof(double) ? Spin64(Rounds) : Spin32(Rounds);
            GC.KeepAlive(sum);
            best = Math.Max(best, 2.0 * Chains * Vector512<T>.Count * Rounds / clock.Elapsed.TotalSeconds / 1e9);
        }

        return best;
    }

    private static double Spin64(int rounds)
    {
        Vector512<double> a = Vector512.Create(0.5), b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, x = a;
        for (var k = 0; k < rounds; k++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, x);
            b = Vector512.FusedMultiplyAdd(b, x, x);
            c = Vector512.FusedMultiplyAdd(c, x, x);
            d = Vector512.FusedMultiplyAdd(d, x, x);
            e = Vector512.FusedMultiplyAdd(e, x, x);
            f = Vector512.FusedMultiplyAdd(f, x, x);
            g = Vector512.FusedMultiplyAdd(g, x, x);
            h = Vector512.FusedMultiplyAdd(h, x, x);
            i = Vector512.FusedMultiplyAdd(i, x, x);
            j = Vector512.FusedMultiplyAdd(j, x, x);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j);
    }

    private static double Spin32(int rounds)
    {
        Vector512<float> a = Vector512.Create(0.5f), b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, x = a;
        for (var k = 0; k < rounds; k++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, x);
            b = Vector512.FusedMultiplyAdd(b, x, x);
            c = Vector512.FusedMultiplyAdd(c, x, x);
            d = Vector512.FusedMultiplyAdd(d, x, x);
            e = Vector512.FusedMultiplyAdd(e, x, x);
            f = Vector512.FusedMultiplyAdd(f, x, x);
            g = Vector512.FusedMultiplyAdd(g, x, x);
            h = Vector512.FusedMultiplyAdd(h, x, x);
            i = Vector512.FusedMultiplyAdd(i, x, x);
            j = Vector512.FusedMultiplyAdd(j, x, x);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j);
    }

    private static double StreamGigabytes()
    {
        var from = new double[32 << 20];
        var to = new double[from.Length];
        Array.Fill(from, 1.0);
        var best = double.PositiveInfinity;
        for (var repeat = 0; repeat < 5; repeat++)
        {
            var clock = Stopwatch.StartNew();
            from.AsSpan().CopyTo(to);
            best = Math.Min(best, clock.Elapsed.TotalSeconds);
        }

        return 2.0 * sizeof(double) * from.Length / best / 1e9;
    }
}
