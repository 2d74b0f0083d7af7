using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Transformers.Blocks;

/// <summary>Dropout masks that are a pure function of a seed: 0 where dropped, 1 / (1 - rate) where kept.</summary>
/// <remarks>
/// libtorch draws dropout on one core from one process-wide stream, which a resumed run cannot rejoin. Here eight
/// xoshiro128++ lanes (Blackman, Vigna 2018) give sixteen 16-bit draws a turn. The rate is rounded to 1/65536 and the scale uses the rounded rate, so the mask's mean is exactly 1.
/// Lanes and blocks are fixed, so the numbers do not depend on the machine or the number of threads.
/// </remarks>
internal static class RandomMask
{
    private const int BlockSize = 1 << 14;
    private const int Levels = 1 << 16;

    /// <summary>A mask of the given shape on the device, where it is made; the caller's scope owns it.</summary>
    /// <remarks>Other devices have numbers of their own: <see cref="HashedMask"/>.</remarks>
    public static torch.Tensor Create(long[] shape, double rate, Seed seed, torch.ScalarType dtype, torch.Device device)
    {
        if (device.type != DeviceType.CPU)
        {
            return HashedMask.Create(shape, rate, seed, dtype, device);
        }

        var mask = torch.empty(shape, torch.float32);
        var count = checked((int)mask.numel());
        unsafe
        {
            // The memory belongs to libtorch and does not move.
            var values = (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(mask.bytes));
            Team.Run((count + BlockSize - 1) / BlockSize, block =>
            {
                var start = block * BlockSize;
                Fill(new(values + start, Math.Min(BlockSize, count - start)), rate, seed.For(block));
            });
        }

        return mask.to(dtype, device);
    }

    /// <summary>Fills a run of floats from the start of the seed's stream.</summary>
    public static void Fill(Span<float> mask, double rate, Seed seed)
    {
        var threshold = (uint)Math.Round(rate * Levels);
        var scale = (float)(Levels / (double)(Levels - threshold));
        var state = new Lanes(seed);
        var limit = Vector256.Create(threshold);
        var kept = Vector256.Create(scale);
        ref var first = ref MemoryMarshal.GetReference(mask);
        var i = 0;
        for (; i + 16 <= mask.Length; i += 16)
        {
            var bits = state.Next();
            Choose(bits & Vector256.Create(0xFFFFu), limit, kept).StoreUnsafe(ref first, (nuint)i);
            Choose(bits >>> 16, limit, kept).StoreUnsafe(ref first, (nuint)i + 8);
        }

        if (i < mask.Length)
        {
            Span<float> last = stackalloc float[16];
            var bits = state.Next();
            Choose(bits & Vector256.Create(0xFFFFu), limit, kept).CopyTo(last);
            Choose(bits >>> 16, limit, kept).CopyTo(last[8..]);
            last[..(mask.Length - i)].CopyTo(mask[i..]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Choose(Vector256<uint> draw, Vector256<uint> limit, Vector256<float> kept) =>
        kept & Vector256.GreaterThanOrEqual(draw, limit).AsSingle();

    private struct Lanes
    {
        private Vector256<uint> _a;
        private Vector256<uint> _b;
        private Vector256<uint> _c;
        private Vector256<uint> _d;

        public Lanes(Seed seed)
        {
            Span<ulong> words = stackalloc ulong[16];
            for (var i = 0; i < words.Length; i++)
            {
                words[i] = seed.For(i).Value;
            }

            var state = MemoryMarshal.Cast<ulong, uint>(words);
            _a = Vector256.Create<uint>(state);
            _b = Vector256.Create<uint>(state[8..]);
            _c = Vector256.Create<uint>(state[16..]);
            _d = Vector256.Create<uint>(state[24..]);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector256<uint> Next()
        {
            var sum = _a + _d;
            var result = ((sum << 7) | (sum >>> 25)) + _a;
            var t = _b << 9;
            _c ^= _a;
            _d ^= _b;
            _b ^= _c;
            _a ^= _d;
            _c ^= t;
            _d = (_d << 11) | (_d >>> 21);
            return result;
        }
    }
}
