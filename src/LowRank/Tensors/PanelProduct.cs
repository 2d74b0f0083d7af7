using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using TorchSharp;

namespace LowRank.Tensors;

/// <summary>Products of a few hundred rows with a wide matrix, in float32 with 512-bit vectors.</summary>
/// <remarks>
/// After Goto and van de Geijn 2008. The wide matrix is cut into panels of 48 columns, copied so that the inner loop
/// reads them end to end and keeps a tile of 8 rows by 48 columns in registers. Each panel is one thread's work from
/// start to end, so results do not depend on the number of threads.
/// </remarks>
internal static unsafe class PanelProduct
{
    private const int TileRows = 8;
    private const int TileColumns = 48;

    // A strip of A, 12 KiB, stays in the first cache; two panels, 144 KiB, in the second. Longer sums would be a little
    // faster, and round more than libtorch's.
    private const int Depth = 384;
    private const int Panels = 2;

    /// <summary>Whether this processor has the instructions.</summary>
    public static bool IsSupported => Avx512F.IsSupported;

    /// <summary>C = A B, or A B^T.</summary>
    /// <param name="a">A, <paramref name="rows"/> by <paramref name="inner"/>, row by row.</param>
    /// <param name="b">B, <paramref name="inner"/> by <paramref name="columns"/>; transposed the other way round.</param>
    /// <param name="c">C, <paramref name="rows"/> by <paramref name="columns"/>; overwritten.</param>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="columns">Columns of C.</param>
    /// <param name="inner">Columns of A.</param>
    /// <param name="transposed">Whether B lies as its transpose, <c>[columns, inner]</c>.</param>
    public static void Multiply(
        float* a, float* b, float* c, int rows, int columns, int inner, bool transposed)
    {
        var width = columns >= 2 * torch.get_num_threads() * Panels * TileColumns ? Panels * TileColumns : TileColumns;
        Team.Run(
            (columns + width - 1) / width,
            () => ArrayPool<float>.Shared.Rent((Panels * Depth * TileColumns) + (TileRows * TileColumns) + 16),
            (part, buffer) =>
            {
                fixed (float* start = buffer)
                {
                    var first = part * width;
                    new Part(a, b, c, rows, columns, inner, transposed).Run(
                        first, Math.Min(width, columns - first), Aligned(start));
                }
            },
            buffer => ArrayPool<float>.Shared.Return(buffer));
    }

    private static float* Aligned(float* at) => (float*)(((nint)at + 63) & ~63);

    private readonly struct Part(
        float* a, float* b, float* c, int rows, int columns, int inner, bool transposed)
    {
        /// <summary>Some columns of C, for all rows.</summary>
        public void Run(int first, int count, float* buffer)
        {
            var tile = buffer + (Panels * Depth * TileColumns);
            for (var from = 0; from < inner; from += Depth)
            {
                var depth = Math.Min(Depth, inner - from);
                for (var panel = 0; panel < count; panel += TileColumns)
                {
                    Pack(first + panel, Math.Min(TileColumns, count - panel), from, depth, buffer + (panel * Depth));
                }

                for (var row = 0; row < rows; row += TileRows)
                {
                    for (var panel = 0; panel < count; panel += TileColumns)
                    {
                        var (height, wide) = (Math.Min(TileRows, rows - row), Math.Min(TileColumns, count - panel));
                        var left = a + ((long)row * inner) + from;
                        var to = c + ((long)row * columns) + first + panel;
                        if (height == TileRows && wide == TileColumns)
                        {
                            Tile(left, inner, TileRows, buffer + (panel * Depth), depth, to, columns, from > 0);
                        }
                        else
                        {
                            Tile(left, inner, height, buffer + (panel * Depth), depth, tile, TileColumns, add: false);
                            Copy(tile, to, height, wide, from > 0);
                        }
                    }
                }
            }
        }

        private void Copy(float* tile, float* to, int height, int wide, bool add)
        {
            for (var i = 0; i < height; i++, tile += TileColumns, to += columns)
            {
                for (var j = 0; j < wide; j++)
                {
                    to[j] = add ? to[j] + tile[j] : tile[j];
                }
            }
        }

        // Columns of B as [depth, 48]; those beyond the last are zero.
        private void Pack(int first, int count, int from, int depth, float* to)
        {
            if (transposed)
            {
                PackTransposed(b + ((long)first * inner) + from, count, depth, to);
                return;
            }

            var source = b + ((long)from * columns) + first;
            for (var p = 0; p < depth; p++, source += columns, to += TileColumns)
            {
                new Span<float>(source, count).CopyTo(new(to, count));
                new Span<float>(to + count, TileColumns - count).Clear();
            }
        }

        private void PackTransposed(float* source, int count, int depth, float* to)
        {
            var width = Vector512<float>.Count;
            var j = 0;
            for (; j + width <= count; j += width, source += (long)width * inner)
            {
                var p = 0;
                for (; p + width <= depth; p += width)
                {
                    Transpose(source + p, inner, to + (p * TileColumns) + j);
                }

                for (; p < depth; p++)
                {
                    for (var i = 0; i < width; i++)
                    {
                        to[(p * TileColumns) + j + i] = source[((long)i * inner) + p];
                    }
                }
            }

            for (; j < TileColumns; j++, source += inner)
            {
                for (var p = 0; p < depth; p++)
                {
                    to[(p * TileColumns) + j] = j < count ? source[p] : 0;
                }
            }
        }
    }

    // 16 rows of 16 numbers to 16 columns.
    private static void Transpose(float* from, long stride, float* to)
    {
        var (a0, a1, a2, a3) = Quarters(from, stride);
        var (b0, b1, b2, b3) = Quarters(from + (4 * stride), stride);
        var (c0, c1, c2, c3) = Quarters(from + (8 * stride), stride);
        var (d0, d1, d2, d3) = Quarters(from + (12 * stride), stride);
        Join(a0, b0, c0, d0, to);
        Join(a1, b1, c1, d1, to + TileColumns);
        Join(a2, b2, c2, d2, to + (2 * TileColumns));
        Join(a3, b3, c3, d3, to + (3 * TileColumns));
    }

    // Four rows; quarter q of result i holds column 4q + i.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float> A, Vector512<float> B, Vector512<float> C, Vector512<float> D) Quarters(
        float* from, long stride)
    {
        Vector512<float> a = Vector512.Load(from), b = Vector512.Load(from + stride);
        Vector512<float> c = Vector512.Load(from + (2 * stride)), d = Vector512.Load(from + (3 * stride));
        Vector512<double> ab0 = Avx512F.UnpackLow(a, b).AsDouble(), ab1 = Avx512F.UnpackHigh(a, b).AsDouble();
        Vector512<double> cd0 = Avx512F.UnpackLow(c, d).AsDouble(), cd1 = Avx512F.UnpackHigh(c, d).AsDouble();
        return (
            Avx512F.UnpackLow(ab0, cd0).AsSingle(),
            Avx512F.UnpackHigh(ab0, cd0).AsSingle(),
            Avx512F.UnpackLow(ab1, cd1).AsSingle(),
            Avx512F.UnpackHigh(ab1, cd1).AsSingle());
    }

    // Quarter q of the four, one after another, goes to row 4q.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Join(
        Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* to)
    {
        const byte Even = 0x88, Odd = 0xDD;
        Vector512<float> ab0 = Avx512F.Shuffle4x128(a, b, Even), ab1 = Avx512F.Shuffle4x128(a, b, Odd);
        Vector512<float> cd0 = Avx512F.Shuffle4x128(c, d, Even), cd1 = Avx512F.Shuffle4x128(c, d, Odd);
        Avx512F.Shuffle4x128(ab0, cd0, Even).Store(to);
        Avx512F.Shuffle4x128(ab1, cd1, Even).Store(to + (4 * TileColumns));
        Avx512F.Shuffle4x128(ab0, cd0, Odd).Store(to + (8 * TileColumns));
        Avx512F.Shuffle4x128(ab1, cd1, Odd).Store(to + (12 * TileColumns));
    }

    // Eight rows of A times one panel; rows beyond the last repeat it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile(float* a, long stride, int height, float* b, int depth, float* c, long columns, bool add)
    {
        float* a1 = a + (Math.Min(1, height - 1) * stride), a2 = a + (Math.Min(2, height - 1) * stride);
        float* a3 = a + (Math.Min(3, height - 1) * stride), a4 = a + (Math.Min(4, height - 1) * stride);
        float* a5 = a + (Math.Min(5, height - 1) * stride), a6 = a + (Math.Min(6, height - 1) * stride);
        float* a7 = a + (Math.Min(7, height - 1) * stride);
        Row c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default, c7 = default;
        for (nint p = 0; p < depth; p++, b += TileColumns)
        {
            Vector512<float> x = Vector512.Load(b), y = Vector512.Load(b + 16), z = Vector512.Load(b + 32);
            c0.Add(a[p], x, y, z);
            c1.Add(a1[p], x, y, z);
            c2.Add(a2[p], x, y, z);
            c3.Add(a3[p], x, y, z);
            c4.Add(a4[p], x, y, z);
            c5.Add(a5[p], x, y, z);
            c6.Add(a6[p], x, y, z);
            c7.Add(a7[p], x, y, z);
        }

        c0.Store(c, add);
        c1.Store(c + columns, add);
        c2.Store(c + (2 * columns), add);
        c3.Store(c + (3 * columns), add);
        c4.Store(c + (4 * columns), add);
        c5.Store(c + (5 * columns), add);
        c6.Store(c + (6 * columns), add);
        c7.Store(c + (7 * columns), add);
    }

    // 48 running sums of a row, in three registers.
    private struct Row
    {
        private Vector512<float> _x;
        private Vector512<float> _y;
        private Vector512<float> _z;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(float factor, Vector512<float> x, Vector512<float> y, Vector512<float> z)
        {
            var all = Vector512.Create(factor);
            _x = Vector512.FusedMultiplyAdd(all, x, _x);
            _y = Vector512.FusedMultiplyAdd(all, y, _y);
            _z = Vector512.FusedMultiplyAdd(all, z, _z);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store(float* to, bool add)
        {
            (add ? _x + Vector512.Load(to) : _x).Store(to);
            (add ? _y + Vector512.Load(to + 16) : _y).Store(to + 16);
            (add ? _z + Vector512.Load(to + 32) : _z).Store(to + 32);
        }
    }
}
