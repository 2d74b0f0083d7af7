using static TorchSharp.torch;

namespace LowRank.Tensors;

/// <summary>Random matrices that depend on a <see cref="Seed"/> and on nothing else.</summary>
/// <remarks>
/// Every draw is made on the CPU in double precision and then moved, so one seed gives the same matrix on each device
/// and, up to rounding, in each precision. torch's own initializers either ignore their generator or take none.
/// </remarks>
public static class Initialize
{
    /// <summary>Independent normal entries.</summary>
    /// <param name="rows">Number of rows, at least 1.</param>
    /// <param name="columns">Number of columns, at least 1.</param>
    /// <param name="seed">The stream to draw from.</param>
    /// <param name="deviation">Standard deviation of an entry, at least 0.</param>
    /// <param name="dtype">float32 or float64.</param>
    /// <param name="device">Where the result lives; the CPU when null.</param>
    /// <returns>A matrix <c>[rows, columns]</c>; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">A size, the deviation or the dtype is out of range.</exception>
    public static Tensor Gaussian(
        long rows,
        long columns,
        Seed seed,
        double deviation = 1,
        ScalarType dtype = ScalarType.Float64,
        Device? device = null)
    {
        CheckShape(rows, columns, dtype);
        Check.NotNegative(deviation);
        using var scope = NewDisposeScope();
        return Place(Normal(rows, columns, seed).mul_(deviation), dtype, device);
    }

    /// <summary>Independent entries, uniform on [low, high).</summary>
    /// <param name="rows">Number of rows, at least 1.</param>
    /// <param name="columns">Number of columns, at least 1.</param>
    /// <param name="seed">The stream to draw from.</param>
    /// <param name="low">Lower end, finite.</param>
    /// <param name="high">Upper end, at least <paramref name="low"/>, finite.</param>
    /// <param name="dtype">float32 or float64.</param>
    /// <param name="device">Where the result lives; the CPU when null.</param>
    /// <returns>A matrix <c>[rows, columns]</c>; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">A size, an end or the dtype is out of range.</exception>
    public static Tensor Uniform(
        long rows,
        long columns,
        Seed seed,
        double low,
        double high,
        ScalarType dtype = ScalarType.Float64,
        Device? device = null)
    {
        CheckShape(rows, columns, dtype);
        Check.That(
            double.IsFinite(low) && double.IsFinite(high) && low <= high,
            nameof(high),
            $"low, high: got {low} and {high}; wanted finite ends in order.");
        using var scope = NewDisposeScope();
        using var generator = seed.Generator();
        return Place(rand(rows, columns, float64, generator: generator).mul_(high - low).add_(low), dtype, device);
    }

    /// <summary>
    /// A scaled semi-orthogonal matrix: its rows or its columns, whichever are fewer, are orthonormal.
    /// </summary>
    /// <remarks>
    /// The Q factor of a Gaussian matrix with the signs of R's diagonal folded in, which makes it uniform (Haar) among
    /// all such matrices (Mezzadri 2007). It has the law of the first rows or columns of a square orthogonal matrix
    /// and costs O(rows · columns · min(rows, columns)).
    /// </remarks>
    /// <param name="rows">Number of rows, at least 1.</param>
    /// <param name="columns">Number of columns, at least 1.</param>
    /// <param name="seed">The stream to draw from.</param>
    /// <param name="scale">Every singular value of the result; at least 0.</param>
    /// <param name="dtype">float32 or float64.</param>
    /// <param name="device">Where the result lives; the CPU when null.</param>
    /// <returns>A matrix <c>[rows, columns]</c>; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">A size, the scale or the dtype is out of range.</exception>
    public static Tensor SemiOrthogonal(
        long rows,
        long columns,
        Seed seed,
        double scale = 1,
        ScalarType dtype = ScalarType.Float64,
        Device? device = null)
    {
        CheckShape(rows, columns, dtype);
        Check.NotNegative(scale);
        using var scope = NewDisposeScope();
        var frame = Frames.Orthonormalize(Normal(Math.Max(rows, columns), Math.Min(rows, columns), seed)).mul_(scale);
        return Place(rows >= columns ? frame : frame.t(), dtype, device);
    }

    /// <summary>The paper's target: a Gaussian matrix cut to its leading singular triplets, values unchanged.</summary>
    /// <remarks>Theory 5 in docs/theory.md. Costs one full singular value decomposition.</remarks>
    /// <param name="rows">Number of rows, at least 1.</param>
    /// <param name="columns">Number of columns, at least 1.</param>
    /// <param name="rank">Triplets kept, 1 to min(rows, columns).</param>
    /// <param name="seed">The stream to draw from.</param>
    /// <param name="dtype">float32 or float64.</param>
    /// <param name="device">Where the result lives; the CPU when null.</param>
    /// <returns>A matrix <c>[rows, columns]</c> of the given rank; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">A size, the rank or the dtype is out of range.</exception>
    public static Tensor LowRank(
        long rows,
        long columns,
        int rank,
        Seed seed,
        ScalarType dtype = ScalarType.Float64,
        Device? device = null)
    {
        CheckShape(rows, columns, dtype);
        Check.InRange(rank, 1, Math.Min(rows, columns));
        using var scope = NewDisposeScope();
        var (left, values, right) = linalg.svd(Normal(rows, columns, seed), fullMatrices: false);
        var scaled = left.narrow(1, 0, rank) * values.narrow(0, 0, rank);
        return Place(scaled.mm(right.narrow(0, 0, rank)), dtype, device);
    }

    /// <summary>A uniformly random choice of entries, without replacement.</summary>
    /// <param name="rows">Number of rows, at least 1.</param>
    /// <param name="columns">Number of columns, at least 1.</param>
    /// <param name="fraction">Part of the entries chosen, 0 to 1; exactly floor(fraction · rows · columns).</param>
    /// <param name="seed">The stream to draw from.</param>
    /// <param name="device">Where the result lives; the CPU when null.</param>
    /// <returns>A boolean matrix <c>[rows, columns]</c>, true where chosen; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">A size or the fraction is out of range.</exception>
    public static Tensor Mask(long rows, long columns, double fraction, Seed seed, Device? device = null)
    {
        CheckShape(rows, columns, ScalarType.Float64);
        Check.InRange(fraction, 0, 1);
        using var scope = NewDisposeScope();
        using var generator = seed.Generator();

        // The floor of a product such as 0.3 * 40000 must not fall one short of the exact count.
        var count = (long)Math.Floor((fraction * rows * columns) + 1e-9);
        var order = randperm(rows * columns, generator: generator);
        return (order < count).view(rows, columns).to(device ?? CPU).MoveToOuterDisposeScope();
    }

    private static Tensor Normal(long rows, long columns, Seed seed)
    {
        using var generator = seed.Generator();
        return randn(rows, columns, float64, generator: generator);
    }

    private static Tensor Place(Tensor value, ScalarType dtype, Device? device) =>
        value.to(dtype, device ?? CPU).contiguous().MoveToOuterDisposeScope();

    private static void CheckShape(long rows, long columns, ScalarType dtype)
    {
        Check.AtLeast(rows, 1);
        Check.AtLeast(columns, 1);
        Check.That(
            dtype is ScalarType.Float32 or ScalarType.Float64,
            nameof(dtype),
            $"dtype: got {dtype}; wanted Float32 or Float64.");
    }
}
