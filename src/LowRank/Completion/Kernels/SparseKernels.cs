using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LowRank.Completion.Kernels;

/// <summary>The inner loops over the observed entries: cost O(observed x width), nothing dense is ever formed.</summary>
/// <remarks>
/// Factors are row-major with a stride that is a multiple of the vector length; the padding is zero and stays zero.
/// Four entries are handled together, so that the running sums of a row are loaded and stored once for four products.
/// </remarks>
internal static class SparseKernels
{
    /// <summary>The stride of a factor of the given width: whole vectors of 32 bytes.</summary>
    public static int Stride<T>(int width)
        where T : unmanaged =>
        (width + Vector256<T>.Count - 1) / Vector256<T>.Count * Vector256<T>.Count;

    /// <summary>
    /// One pass over the rows [from, to) of the residual E = left right^T - X at the observed entries:
    /// rowSums += E right for these rows, columnSums += E^T left.
    /// </summary>
    /// <returns>The sum of the squared residuals.</returns>
    public static double Residual<T>(
        SparseRows<T> data, int from, int to, int stride, T[] left, T[] right, T[] rowSums, T[] columnSums)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ref var l = ref MemoryMarshal.GetArrayDataReference(left);
        ref var r = ref MemoryMarshal.GetArrayDataReference(right);
        ref var rs = ref MemoryMarshal.GetArrayDataReference(rowSums);
        ref var cs = ref MemoryMarshal.GetArrayDataReference(columnSums);
        var (indices, values) = (data.Indices, data.Values);
        var squares = 0.0;
        for (var i = from; i < to; i++)
        {
            ref var a = ref Unsafe.Add(ref l, (nint)i * stride);
            ref var sum = ref Unsafe.Add(ref rs, (nint)i * stride);
            var k = data.Start(i);
            var end = data.End(i);
            for (; k + 4 <= end; k += 4)
            {
                nint j0 = (nint)indices[k] * stride, j1 = (nint)indices[k + 1] * stride;
                nint j2 = (nint)indices[k + 2] * stride, j3 = (nint)indices[k + 3] * stride;
                Dot4(ref a, ref Unsafe.Add(ref r, j0), ref Unsafe.Add(ref r, j1), ref Unsafe.Add(ref r, j2),
                    ref Unsafe.Add(ref r, j3), stride, out var e0, out var e1, out var e2, out var e3);
                e0 -= values[k];
                e1 -= values[k + 1];
                e2 -= values[k + 2];
                e3 -= values[k + 3];
                squares += double.CreateTruncating((e0 * e0) + (e1 * e1) + (e2 * e2) + (e3 * e3));
                AddScaled4(ref sum, ref Unsafe.Add(ref r, j0), ref Unsafe.Add(ref r, j1), ref Unsafe.Add(ref r, j2),
                    ref Unsafe.Add(ref r, j3), stride, e0, e1, e2, e3);
                Scatter(ref Unsafe.Add(ref cs, j0), ref a, stride, e0);
                Scatter(ref Unsafe.Add(ref cs, j1), ref a, stride, e1);
                Scatter(ref Unsafe.Add(ref cs, j2), ref a, stride, e2);
                Scatter(ref Unsafe.Add(ref cs, j3), ref a, stride, e3);
            }

            for (; k < end; k++)
            {
                var j = (nint)indices[k] * stride;
                var e = Dot(ref a, ref Unsafe.Add(ref r, j), stride) - values[k];
                squares += double.CreateTruncating(e * e);
                Scatter(ref sum, ref Unsafe.Add(ref r, j), stride, e);
                Scatter(ref Unsafe.Add(ref cs, j), ref a, stride, e);
            }
        }

        return squares;
    }

    /// <summary>Rows [from, to) of data x dense; the result's rows are overwritten.</summary>
    public static void Multiply<T>(SparseRows<T> data, int from, int to, int stride, T[] dense, T[] result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ref var d = ref MemoryMarshal.GetArrayDataReference(dense);
        ref var o = ref MemoryMarshal.GetArrayDataReference(result);
        var (indices, values) = (data.Indices, data.Values);
        for (var i = from; i < to; i++)
        {
            ref var sum = ref Unsafe.Add(ref o, (nint)i * stride);
            result.AsSpan(i * stride, stride).Clear();
            var k = data.Start(i);
            var end = data.End(i);
            for (; k + 4 <= end; k += 4)
            {
                AddScaled4(ref sum, ref Unsafe.Add(ref d, (nint)indices[k] * stride),
                    ref Unsafe.Add(ref d, (nint)indices[k + 1] * stride),
                    ref Unsafe.Add(ref d, (nint)indices[k + 2] * stride),
                    ref Unsafe.Add(ref d, (nint)indices[k + 3] * stride), stride,
                    values[k], values[k + 1], values[k + 2], values[k + 3]);
            }

            for (; k < end; k++)
            {
                Scatter(ref sum, ref Unsafe.Add(ref d, (nint)indices[k] * stride), stride, values[k]);
            }
        }
    }

    /// <summary>
    /// Adds up the second moments of the columns that a row has seen, and value times the last row of each moment:
    /// what the row's normal equations are made of.
    /// </summary>
    /// <param name="indices">The columns seen.</param>
    /// <param name="values">Their values.</param>
    /// <param name="moments">Packed lower triangles, [columns, stride].</param>
    /// <param name="stride">Whole vectors; at least <paramref name="tail"/> + the padded width.</param>
    /// <param name="tail">Where the triangle's last row begins.</param>
    /// <param name="sums">[stride], added to.</param>
    /// <param name="weighted">[padded width], added to.</param>
    public static void AddMoments<T>(
        ReadOnlySpan<int> indices, ReadOnlySpan<T> values, T[] moments, int stride, int tail, Span<T> sums, Span<T> weighted)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ref var m = ref MemoryMarshal.GetArrayDataReference(moments);
        ref var s = ref MemoryMarshal.GetReference(sums);
        ref var w = ref MemoryMarshal.GetReference(weighted);
        var k = 0;
        for (; k + 4 <= indices.Length; k += 4)
        {
            ref var m0 = ref Unsafe.Add(ref m, (nint)indices[k] * stride);
            ref var m1 = ref Unsafe.Add(ref m, (nint)indices[k + 1] * stride);
            ref var m2 = ref Unsafe.Add(ref m, (nint)indices[k + 2] * stride);
            ref var m3 = ref Unsafe.Add(ref m, (nint)indices[k + 3] * stride);
            Add4(ref s, ref m0, ref m1, ref m2, ref m3, stride);
            AddScaled4(ref w, ref Unsafe.Add(ref m0, tail), ref Unsafe.Add(ref m1, tail), ref Unsafe.Add(ref m2, tail),
                ref Unsafe.Add(ref m3, tail), weighted.Length, values[k], values[k + 1], values[k + 2], values[k + 3]);
        }

        for (; k < indices.Length; k++)
        {
            ref var m0 = ref Unsafe.Add(ref m, (nint)indices[k] * stride);
            Scatter(ref s, ref m0, stride, T.One);
            Scatter(ref w, ref Unsafe.Add(ref m0, tail), weighted.Length, values[k]);
        }
    }

    /// <summary>The inner product of two rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Dot<T>(ref T a, ref T b, int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var sum = Vector256<T>.Zero;
        for (nuint k = 0; k < (nuint)length; k += (nuint)Vector256<T>.Count)
        {
            sum = Fma(Vector256.LoadUnsafe(ref a, k), Vector256.LoadUnsafe(ref b, k), sum);
        }

        return Vector256.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Dot4<T>(
        ref T a, ref T b0, ref T b1, ref T b2, ref T b3, int length, out T d0, out T d1, out T d2, out T d3)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Vector256<T> s0 = Vector256<T>.Zero, s1 = s0, s2 = s0, s3 = s0;
        for (nuint k = 0; k < (nuint)length; k += (nuint)Vector256<T>.Count)
        {
            var x = Vector256.LoadUnsafe(ref a, k);
            s0 = Fma(x, Vector256.LoadUnsafe(ref b0, k), s0);
            s1 = Fma(x, Vector256.LoadUnsafe(ref b1, k), s1);
            s2 = Fma(x, Vector256.LoadUnsafe(ref b2, k), s2);
            s3 = Fma(x, Vector256.LoadUnsafe(ref b3, k), s3);
        }

        d0 = Vector256.Sum(s0);
        d1 = Vector256.Sum(s1);
        d2 = Vector256.Sum(s2);
        d3 = Vector256.Sum(s3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddScaled4<T>(
        ref T sum, ref T b0, ref T b1, ref T b2, ref T b3, int length, T x0, T x1, T x2, T x3)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Vector256<T> v0 = Vector256.Create(x0), v1 = Vector256.Create(x1), v2 = Vector256.Create(x2), v3 = Vector256.Create(x3);
        for (nuint k = 0; k < (nuint)length; k += (nuint)Vector256<T>.Count)
        {
            var s = Fma(Vector256.LoadUnsafe(ref b0, k), v0, Vector256.LoadUnsafe(ref sum, k));
            var t = Vector256.LoadUnsafe(ref b1, k) * v1;
            s = Fma(Vector256.LoadUnsafe(ref b2, k), v2, s);
            t = Fma(Vector256.LoadUnsafe(ref b3, k), v3, t);
            (s + t).StoreUnsafe(ref sum, k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add4<T>(ref T sum, ref T b0, ref T b1, ref T b2, ref T b3, int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (nuint k = 0; k < (nuint)length; k += (nuint)Vector256<T>.Count)
        {
            var s = Vector256.LoadUnsafe(ref b0, k) + Vector256.LoadUnsafe(ref b1, k);
            var t = Vector256.LoadUnsafe(ref b2, k) + Vector256.LoadUnsafe(ref b3, k);
            (Vector256.LoadUnsafe(ref sum, k) + (s + t)).StoreUnsafe(ref sum, k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scatter<T>(ref T sum, ref T b, int length, T x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var v = Vector256.Create(x);
        for (nuint k = 0; k < (nuint)length; k += (nuint)Vector256<T>.Count)
        {
            Fma(Vector256.LoadUnsafe(ref b, k), v, Vector256.LoadUnsafe(ref sum, k)).StoreUnsafe(ref sum, k);
        }
    }

    // The generic vector has no fused multiply-add; the branch is resolved when the code is compiled.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Fma<T>(Vector256<T> a, Vector256<T> b, Vector256<T> c)
        where T : unmanaged =>
        typeof(T) == typeof(double)
            ? Vector256.FusedMultiplyAdd(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>()
            : Vector256.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>();
}
