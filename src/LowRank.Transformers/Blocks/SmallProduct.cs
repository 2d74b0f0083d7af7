using System.Numerics;

namespace LowRank.Transformers.Blocks;

/// <summary>Products of the small matrices in one attention head, where a BLAS call costs more than its work.</summary>
internal static unsafe class SmallProduct
{
    /// <summary>C = A B for padded row-major B and C; A is read through two strides, so it may be transposed.</summary>
    /// <param name="a">A[i, p] lies at <c>a[i * aRow + p * aColumn]</c>.</param>
    /// <param name="aRow">The distance of A's rows.</param>
    /// <param name="aColumn">The distance of A's columns.</param>
    /// <param name="b">B, <paramref name="inner"/> rows of <paramref name="columns"/>.</param>
    /// <param name="c">C, <paramref name="rows"/> rows of <paramref name="columns"/>; overwritten.</param>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="columns">Columns of B and C; a multiple of the vector width.</param>
    /// <param name="inner">Columns of A and rows of B.</param>
    public static void Multiply(
        float* a, int aRow, int aColumn, float* b, float* c, int rows, int columns, int inner)
    {
        var width = Vector<float>.Count;
        var i = 0;
        for (; i + 4 <= rows; i += 4)
        {
            var j = 0;
            for (; j + (2 * width) <= columns; j += 2 * width)
            {
                Tile4X2(a + (i * aRow), aRow, aColumn, b + j, c + (i * columns) + j, columns, inner);
            }

            if (j < columns)
            {
                Tile4X1(a + (i * aRow), aRow, aColumn, b + j, c + (i * columns) + j, columns, inner);
            }
        }

        for (; i < rows; i++)
        {
            var j = 0;
            for (; j + (4 * width) <= columns; j += 4 * width)
            {
                Tile1X4(a + (i * aRow), aColumn, b + j, c + (i * columns) + j, columns, inner);
            }

            for (; j < columns; j += width)
            {
                Tile1X1(a + (i * aRow), aColumn, b + j, c + (i * columns) + j, columns, inner);
            }
        }
    }

    // Eight running sums hide the latency of the multiply-add units.
    private static void Tile4X2(float* a, int aRow, int aColumn, float* b, float* c, int columns, int inner)
    {
        var width = Vector<float>.Count;
        Vector<float> c00 = default, c01 = default, c10 = default, c11 = default;
        Vector<float> c20 = default, c21 = default, c30 = default, c31 = default;
        float* a1 = a + aRow, a2 = a1 + aRow, a3 = a2 + aRow;
        for (nint p = 0, at = 0; p < inner; p++, at += aColumn, b += columns)
        {
            var b0 = Vector.Load(b);
            var b1 = Vector.Load(b + width);
            var x = new Vector<float>(a[at]);
            c00 = Vector.FusedMultiplyAdd(x, b0, c00);
            c01 = Vector.FusedMultiplyAdd(x, b1, c01);
            x = new Vector<float>(a1[at]);
            c10 = Vector.FusedMultiplyAdd(x, b0, c10);
            c11 = Vector.FusedMultiplyAdd(x, b1, c11);
            x = new Vector<float>(a2[at]);
            c20 = Vector.FusedMultiplyAdd(x, b0, c20);
            c21 = Vector.FusedMultiplyAdd(x, b1, c21);
            x = new Vector<float>(a3[at]);
            c30 = Vector.FusedMultiplyAdd(x, b0, c30);
            c31 = Vector.FusedMultiplyAdd(x, b1, c31);
        }

        c00.Store(c);
        c01.Store(c + width);
        c += columns;
        c10.Store(c);
        c11.Store(c + width);
        c += columns;
        c20.Store(c);
        c21.Store(c + width);
        c += columns;
        c30.Store(c);
        c31.Store(c + width);
    }

    private static void Tile4X1(float* a, int aRow, int aColumn, float* b, float* c, int columns, int inner)
    {
        Vector<float> c0 = default, c1 = default, c2 = default, c3 = default;
        float* a1 = a + aRow, a2 = a1 + aRow, a3 = a2 + aRow;
        for (nint p = 0, at = 0; p < inner; p++, at += aColumn, b += columns)
        {
            var b0 = Vector.Load(b);
            c0 = Vector.FusedMultiplyAdd(new Vector<float>(a[at]), b0, c0);
            c1 = Vector.FusedMultiplyAdd(new Vector<float>(a1[at]), b0, c1);
            c2 = Vector.FusedMultiplyAdd(new Vector<float>(a2[at]), b0, c2);
            c3 = Vector.FusedMultiplyAdd(new Vector<float>(a3[at]), b0, c3);
        }

        c0.Store(c);
        c1.Store(c + columns);
        c2.Store(c + (2 * columns));
        c3.Store(c + (3 * columns));
    }

    private static void Tile1X4(float* a, int aColumn, float* b, float* c, int columns, int inner)
    {
        var width = Vector<float>.Count;
        Vector<float> c0 = default, c1 = default, c2 = default, c3 = default;
        for (nint p = 0, at = 0; p < inner; p++, at += aColumn, b += columns)
        {
            var x = new Vector<float>(a[at]);
            c0 = Vector.FusedMultiplyAdd(x, Vector.Load(b), c0);
            c1 = Vector.FusedMultiplyAdd(x, Vector.Load(b + width), c1);
            c2 = Vector.FusedMultiplyAdd(x, Vector.Load(b + (2 * width)), c2);
            c3 = Vector.FusedMultiplyAdd(x, Vector.Load(b + (3 * width)), c3);
        }

        c0.Store(c);
        c1.Store(c + width);
        c2.Store(c + (2 * width));
        c3.Store(c + (3 * width));
    }

    private static void Tile1X1(float* a, int aColumn, float* b, float* c, int columns, int inner)
    {
        Vector<float> c0 = default;
        for (nint p = 0, at = 0; p < inner; p++, at += aColumn, b += columns)
        {
            c0 = Vector.FusedMultiplyAdd(new Vector<float>(a[at]), Vector.Load(b), c0);
        }

        c0.Store(c);
    }
}
