using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Factorization;

/// <summary>The two outer factors of a compressed model, as <see cref="Compression"/> finds them.</summary>
/// <remarks>
/// At the start the small model is left · (ε_L … ε_1 · I) · right. For a square matrix both have orthonormal
/// directions; for a rectangular one only the factor on the longer side has (theory 3).
/// </remarks>
public sealed class OuterFactors : IDisposable
{
    /// <summary>Takes two factors over.</summary>
    /// <param name="left">Left factor <c>[rows, width]</c>; owned by this object from now on.</param>
    /// <param name="right">Right factor <c>[width, columns]</c>; owned by this object from now on.</param>
    /// <exception cref="ArgumentException">Not matrices, or the widths differ.</exception>
    public OuterFactors(Tensor left, Tensor right)
    {
        Check.Matrix(right);
        Check.Matrix(left, columns: right.shape[0]);
        Left = left.DetachFromDisposeScope();
        Right = right.DetachFromDisposeScope();
    }

    /// <summary>Left factor <c>[rows, width]</c>.</summary>
    public Tensor Left { get; }

    /// <summary>Right factor <c>[width, columns]</c>.</summary>
    public Tensor Right { get; }

    /// <summary>Directions on each side: twice the rank that was asked for.</summary>
    public long Width => Right.shape[0];

    /// <summary>Frees both factors.</summary>
    public void Dispose()
    {
        Left.Dispose();
        Right.Dispose();
    }
}
