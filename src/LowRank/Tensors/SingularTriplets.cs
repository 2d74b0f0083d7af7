using static TorchSharp.torch;

namespace LowRank.Tensors;

/// <summary>The leading singular values of a matrix with their left and right vectors.</summary>
public sealed class SingularTriplets : IDisposable
{
    internal SingularTriplets(Tensor left, Tensor values, Tensor right)
    {
        Left = left.DetachFromDisposeScope();
        Values = values.DetachFromDisposeScope();
        Right = right.DetachFromDisposeScope();
    }

    /// <summary>Left singular vectors as columns, <c>[rows, rank]</c>; owned by this object.</summary>
    public Tensor Left { get; }

    /// <summary>Singular values, descending, <c>[rank]</c>; owned by this object.</summary>
    public Tensor Values { get; }

    /// <summary>Right singular vectors as columns, <c>[columns, rank]</c>; owned by this object.</summary>
    public Tensor Right { get; }

    /// <summary>Frees the three tensors.</summary>
    public void Dispose()
    {
        Left.Dispose();
        Values.Dispose();
        Right.Dispose();
    }
}
