using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LowRank.Completion.Kernels;

/// <summary>A tall dense matrix [rows, width], row-major, each row padded with zeros to whole vectors.</summary>
internal sealed class Tall<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public Tall(int rows, int width)
    {
        (Rows, Width, Stride) = (rows, width, SparseKernels.Stride<T>(width));
        Data = new T[(long)rows * Stride];
    }

    public int Rows { get; }

    public int Width { get; }

    /// <summary>Distance from one row to the next, in numbers.</summary>
    public int Stride { get; }

    public T[] Data { get; }

    /// <summary>One row without its padding.</summary>
    public Span<T> Row(int i) => Data.AsSpan(i * Stride, Width);

    /// <summary>A copy, in this or another number format.</summary>
    public Tall<TTo> To<TTo>()
        where TTo : unmanaged, IBinaryFloatingPointIeee754<TTo>
    {
        var copy = new Tall<TTo>(Rows, Width);
        for (var i = 0; i < Rows; i++)
        {
            for (var k = 0; k < Width; k++)
            {
                copy.Data[(i * copy.Stride) + k] = TTo.CreateTruncating(Data[(i * Stride) + k]);
            }
        }

        return copy;
    }

    /// <summary>Fills with standard normal numbers times a scale.</summary>
    public void FillNormal(Random random, double scale)
    {
        for (var i = 0; i < Rows; i++)
        {
            foreach (ref var x in Row(i))
            {
                // Box and Muller (1958); 1 - u lies in (0, 1].
                var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
                x = T.CreateTruncating(scale * radius * Math.Cos(2 * Math.PI * random.NextDouble()));
            }
        }
    }

    /// <summary>This^T x other: [width, other width], row-major.</summary>
    public double[] TransposeTimes(Tall<T> other) => TransposeTimes(other, 0, Rows);

    /// <summary>The share of the rows [first, last) in this^T x other.</summary>
    public double[] TransposeTimes(Tall<T> other, int first, int last)
    {
        var stride = other.Stride;
        var sums = new T[Width * stride];
        var total = new double[Width * other.Width];
        const int Chunk = 4096; // float sums are moved to double after this many rows
        for (var from = first; from < last; from += Chunk)
        {
            Array.Clear(sums);
            for (var i = from; i < Math.Min(last, from + Chunk); i++)
            {
                ref var b = ref other.Data[i * stride];
                for (var p = 0; p < Width; p++)
                {
                    var a = Vector256.Create(Data[(i * Stride) + p]);
                    ref var s = ref sums[p * stride];
                    for (nuint k = 0; k < (nuint)stride; k += (nuint)Vector256<T>.Count)
                    {
                        (Vector256.LoadUnsafe(ref s, k) + (a * Vector256.LoadUnsafe(ref b, k))).StoreUnsafe(ref s, k);
                    }
                }
            }

            for (var p = 0; p < Width; p++)
            {
                for (var q = 0; q < other.Width; q++)
                {
                    total[(p * other.Width) + q] += double.CreateTruncating(sums[(p * stride) + q]);
                }
            }
        }

        return total;
    }

    /// <summary>result = this x small, or result = result + scale x (this x small) when adding.</summary>
    /// <param name="small">[width, result width], row-major.</param>
    /// <param name="result">[rows, result width]; not this matrix.</param>
    /// <param name="scale">Factor of the product.</param>
    /// <param name="add">Whether the result is added to.</param>
    public void Times(double[] small, Tall<T> result, double scale = 1, bool add = false) =>
        Times(small, result, 0, Rows, scale, add);

    /// <summary>The same for the rows [first, last) only.</summary>
    public void Times(double[] small, Tall<T> result, int first, int last, double scale = 1, bool add = false)
    {
        var (w, stride) = (result.Width, result.Stride);
        var padded = new T[Width * stride];
        for (var p = 0; p < Width; p++)
        {
            for (var q = 0; q < w; q++)
            {
                padded[(p * stride) + q] = T.CreateTruncating(small[(p * w) + q] * scale);
            }
        }

        if (stride == 0)
        {
            return;
        }

        ref var s = ref MemoryMarshal.GetArrayDataReference(padded);
        for (var i = first; i < last; i++)
        {
            ref var to = ref result.Data[i * stride];
            for (nuint k = 0; k < (nuint)stride; k += (nuint)Vector256<T>.Count)
            {
                var sum = add ? Vector256.LoadUnsafe(ref to, k) : Vector256<T>.Zero;
                for (var p = 0; p < Width; p++)
                {
                    sum += Vector256.Create(Data[(i * Stride) + p])
                        * Vector256.LoadUnsafe(ref s, (nuint)(p * stride) + k);
                }

                sum.StoreUnsafe(ref to, k);
            }
        }
    }
}
