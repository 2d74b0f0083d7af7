using System.Runtime.Intrinsics;

namespace LowRank.Completion.Kernels;

/// <summary>Eight packed second moments turned into another basis together, one per vector lane.</summary>
internal static class LaneTurn
{
    /// <summary>Replaces E[z z^T] by that of z with its first factors turned: v becomes turn x v.</summary>
    /// <param name="rank">Number of factors; two more rows, bias and constant, follow them in the triangle.</param>
    /// <param name="turn">[rank, rank], row-major.</param>
    /// <param name="triangle">Packed lower triangles of rank + 2 rows.</param>
    /// <param name="full">Work space, [rank, rank].</param>
    /// <param name="half">Work space, [rank, rank].</param>
    public static void Apply(
        int rank,
        double[] turn,
        Span<Vector512<double>> triangle,
        Span<Vector512<double>> full,
        Span<Vector512<double>> half)
    {
        for (var p = 0; p < rank; p++)
        {
            for (var q = 0; q <= p; q++)
            {
                full[(p * rank) + q] = full[(q * rank) + p] = triangle[At(p, q)];
            }
        }

        // half = turn x M; M is symmetric, so its rows serve as columns.
        for (var p = 0; p < rank; p++)
        {
            var row = turn.AsSpan(p * rank, rank);
            for (var q = 0; q < rank; q++)
            {
                half[(p * rank) + q] = Dot(row, full.Slice(q * rank, rank));
            }
        }

        for (var p = 0; p < rank; p++)
        {
            for (var q = 0; q <= p; q++)
            {
                triangle[At(p, q)] = Dot(turn.AsSpan(q * rank, rank), half.Slice(p * rank, rank));
            }
        }

        for (var p = rank; p < rank + 2; p++)
        {
            var cross = triangle.Slice(At(p, 0), rank);
            for (var q = 0; q < rank; q++)
            {
                half[q] = Dot(turn.AsSpan(q * rank, rank), cross);
            }

            half[..rank].CopyTo(cross);
        }
    }

    private static Vector512<double> Dot(ReadOnlySpan<double> weights, ReadOnlySpan<Vector512<double>> lanes)
    {
        var sum = Vector512<double>.Zero;
        for (var k = 0; k < weights.Length; k++)
        {
            sum = Vector512.FusedMultiplyAdd(Vector512.Create(weights[k]), lanes[k], sum);
        }

        return sum;
    }

    private static int At(int p, int q) => (p * (p + 1) / 2) + q;
}
