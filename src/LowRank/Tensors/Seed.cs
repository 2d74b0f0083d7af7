using System.Text;
using TorchSharp;

namespace LowRank.Tensors;

/// <summary>A value from which named, independent random streams are derived.</summary>
/// <remarks>
/// Streams are addressed by name, so that adding one draw never shifts another: <c>seed.For("adapter/layer.3")</c>
/// gives the same numbers whatever else was drawn. Two names give unrelated streams (FNV-1a over the name, mixed with
/// the value by SplitMix64).
/// </remarks>
/// <param name="Value">Any 64-bit number; the same value gives the same streams on every machine.</param>
public readonly record struct Seed(ulong Value)
{
    private const ulong FnvOffset = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;

    /// <summary>A seed from the number a user typed; negative numbers are allowed.</summary>
    /// <param name="value">Any number.</param>
    /// <returns>The seed.</returns>
    public static Seed From(long value) => new(unchecked((ulong)value));

    /// <summary>The seed of a named part, independent of this one and of all other names.</summary>
    /// <param name="name">What the numbers are for, such as <c>split</c> or <c>layer.3/left</c>.</param>
    /// <returns>The derived seed.</returns>
    public Seed For(string name)
    {
        var hash = FnvOffset;
        foreach (var b in Encoding.UTF8.GetBytes(Check.NotBlank(name)))
        {
            hash = unchecked((hash ^ b) * FnvPrime);
        }

        return new(Mix(unchecked(hash + Mix(Value))));
    }

    /// <summary>The seed of a numbered part, such as a fold, an epoch or a trial.</summary>
    /// <param name="index">The part's number.</param>
    /// <returns>The derived seed.</returns>
    public Seed For(int index) => new(Mix(unchecked(Mix(Value) + (ulong)index + 1)));

    /// <summary>A managed random number generator of this stream.</summary>
    /// <returns>A new generator at the start of the stream; not thread-safe.</returns>
    public Random Random() => new(unchecked((int)Mix(Value)));

    /// <summary>A TorchSharp generator of this stream; it draws on the CPU, as all of TorchSharp's do.</summary>
    /// <returns>A new generator at the start of the stream; the caller disposes it.</returns>
    public torch.Generator Generator() => new(Mix(Value) >> 1);

    // SplitMix64 (Steele, Lea, Flood 2014): a bijection with good avalanche.
    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
