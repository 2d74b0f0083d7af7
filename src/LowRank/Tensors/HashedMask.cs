using static TorchSharp.torch;

namespace LowRank.Tensors;

/// <summary>Dropout masks that are made on any device from a seed alone: 0 where dropped, 1 / (1 - rate) where kept.</summary>
/// <remarks>
/// TorchSharp has random generators for the CPU only, and a mask drawn there would have to travel. Here each entry's
/// number goes through two rounds of a multiplicative hash in 64-bit integers, which overflow alike everywhere: a seed
/// gives the same bits on each device. On the CPU the seeded generators are faster. One source file, linked into each
/// library that drops.
/// </remarks>
internal static class HashedMask
{
    private const long FirstFactor = unchecked((long)0xBF58476D1CE4E5B9); // those of SplitMix64
    private const long SecondFactor = unchecked((long)0x94D049BB133111EB);

    private const double Numbers = 18446744073709551616.0; // 2^64

    /// <summary>A mask of the given shape; the caller's scope owns it.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="rate">The share that is dropped, in [0, 1).</param>
    /// <param name="seed">The mask is a function of it.</param>
    /// <param name="dtype">A floating-point type.</param>
    /// <param name="device">Where it is made.</param>
    public static Tensor Create(long[] shape, double rate, Seed seed, ScalarType dtype, Device device)
    {
        using var scope = NewDisposeScope();
        var bits = arange(shape.Aggregate(1L, (product, side) => product * side), int64, device);
        Multiply(bits, unchecked((long)seed.For("factor").Value) | 1);
        using (TorchSharp.Scalar start = unchecked((long)seed.For("start").Value))
        {
            bits.add_(start);
        }

        Mix(bits, 32, FirstFactor);
        Mix(bits, 29, SecondFactor);
        using TorchSharp.Scalar limit = LimitOf(rate);
        var mask = bits.ge(limit).to(dtype);
        mask.Scale(1 / (1 - rate));
        return mask.view(shape).MoveToOuterDisposeScope();
    }

    // What lies below has the rate's share of all 64-bit numbers.
    private static long LimitOf(double rate) => rate <= 0 ? long.MinValue : (long)((rate * Numbers) - (Numbers / 2));

    private static void Mix(Tensor bits, long places, long factor)
    {
        // The sign is drawn in from the left, which costs one of 64 bits.
        bits.bitwise_xor_(bits.bitwise_right_shift(full([1], places, int64, bits.device)));
        Multiply(bits, factor);
    }

    private static void Multiply(Tensor bits, long factor)
    {
        using TorchSharp.Scalar scalar = factor;
        bits.mul_(scalar);
    }
}
