using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>An adapter written as plain LoRA with scale 1: the added weight is <c>B·A</c>.</summary>
/// <param name="a">The input side, <c>[rank, in]</c>.</param>
/// <param name="b">The output side with every scale folded in, <c>[out, rank]</c>.</param>
public sealed class LoraFactors(Tensor a, Tensor b) : IDisposable
{
    /// <summary>The input side, <c>[rank, in]</c>; for an embedding, in counts its rows.</summary>
    public Tensor A { get; } = a;

    /// <summary>The output side with every scale folded in, <c>[out, rank]</c>.</summary>
    public Tensor B { get; } = b;

    /// <inheritdoc/>
    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }
}
