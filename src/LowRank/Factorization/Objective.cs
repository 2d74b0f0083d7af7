using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Factorization;

/// <summary>A loss of a product matrix, with its gradient.</summary>
public abstract class Objective : IDisposable
{
    /// <summary>Rows of the products it judges.</summary>
    public abstract long Rows { get; }

    /// <summary>Columns of the products it judges.</summary>
    public abstract long Columns { get; }

    /// <summary>The loss of a product.</summary>
    /// <param name="product">
    /// The matrix <c>[rows, columns]</c> of the objective's dtype and device; left unchanged.
    /// </param>
    /// <returns>A number; not finite when the product is not.</returns>
    public abstract double Loss(Tensor product);

    /// <summary>Overwrites a product by the gradient of the loss with respect to it.</summary>
    /// <remarks>In place, because this runs once per descent step on a matrix of full size.</remarks>
    /// <param name="product">
    /// The matrix <c>[rows, columns]</c> of the objective's dtype and device; overwritten.
    /// </param>
    public abstract void TurnIntoGradient(Tensor product);

    /// <summary>The gradient of the loss with respect to a product.</summary>
    /// <param name="product">
    /// The matrix <c>[rows, columns]</c> of the objective's dtype and device; left unchanged.
    /// </param>
    /// <returns>The gradient <c>[rows, columns]</c>; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The product has another shape.</exception>
    public Tensor Gradient(Tensor product)
    {
        Check.Matrix(product, Rows, Columns);
        using var scope = NewDisposeScope();
        var gradient = product.detach().clone();
        TurnIntoGradient(gradient);
        return gradient.MoveToOuterDisposeScope();
    }

    /// <summary>Frees what the objective holds.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the tensors the objective holds; called once by <see cref="Dispose"/>.</summary>
    protected abstract void Free();

    private protected static double Divisor(LossScale scale, double entries, double observed) => scale switch
    {
        LossScale.Sum => 1,
        LossScale.MeanOfEntries => entries,
        LossScale.MeanOfObserved => observed,
        _ => throw new ArgumentOutOfRangeException(nameof(scale), $"scale: got {scale}; wanted a LossScale."),
    };

    // A copy in row order that outlives every scope.
    private protected static Tensor Copy(Tensor values)
    {
        using var scope = NewDisposeScope();
        return values.detach().contiguous().clone().DetachFromDisposeScope();
    }

    private protected static Tensor Finite(Tensor values, string name)
    {
        using var scope = NewDisposeScope();
        Check.That(
            values.isfinite().all().ReadNumber<bool>(), name, $"{name}: got NaN or infinite entries; wanted finite ones.");
        return values;
    }
}
