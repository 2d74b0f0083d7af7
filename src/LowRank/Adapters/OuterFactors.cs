using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>The two outer factors a compressed adapter starts from; dispose them once the adapter is built.</summary>
/// <param name="left">The output side, <c>[out, rank]</c>.</param>
/// <param name="right">The input side, <c>[in, rank]</c>.</param>
public sealed class OuterFactors(Tensor left, Tensor right) : IDisposable
{
    /// <summary>The output side, <c>[out, rank]</c>.</summary>
    public Tensor Left { get; } = left;

    /// <summary>The input side, <c>[in, rank]</c>.</summary>
    public Tensor Right { get; } = right;

    /// <inheritdoc/>
    public void Dispose()
    {
        Left.Dispose();
        Right.Dispose();
    }
}
