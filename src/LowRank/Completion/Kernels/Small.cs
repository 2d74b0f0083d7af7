namespace LowRank.Completion.Kernels;

/// <summary>Products of small square row-major matrices: too small for a library call to pay.</summary>
internal static class Small
{
    /// <summary>result = a b.</summary>
    public static void Multiply(double[] a, double[] b, double[] result, int width)
    {
        for (var i = 0; i < width; i++)
        {
            var to = result.AsSpan(i * width, width);
            to.Clear();
            for (var k = 0; k < width; k++)
            {
                AddScaled(to, b.AsSpan(k * width, width), a[(i * width) + k]);
            }
        }
    }

    /// <summary>result = a b^T.</summary>
    public static void MultiplyTransposed(double[] a, double[] b, double[] result, int width)
    {
        for (var i = 0; i < width; i++)
        {
            for (var j = 0; j < width; j++)
            {
                var sum = 0.0;
                for (var k = 0; k < width; k++)
                {
                    sum += a[(i * width) + k] * b[(j * width) + k];
                }

                result[(i * width) + j] = sum;
            }
        }
    }

    /// <summary>result = a^T b.</summary>
    public static void TransposeMultiply(double[] a, double[] b, double[] result, int width)
    {
        Array.Clear(result);
        for (var k = 0; k < width; k++)
        {
            for (var i = 0; i < width; i++)
            {
                AddScaled(result.AsSpan(i * width, width), b.AsSpan(k * width, width), a[(k * width) + i]);
            }
        }
    }

    /// <summary>The identity times a number.</summary>
    public static double[] Identity(int width, double scale = 1)
    {
        var result = new double[width * width];
        for (var k = 0; k < width; k++)
        {
            result[(k * width) + k] = scale;
        }

        return result;
    }

    private static void AddScaled(Span<double> to, ReadOnlySpan<double> from, double scale)
    {
        for (var j = 0; j < to.Length; j++)
        {
            to[j] += from[j] * scale;
        }
    }
}
