using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Factorization;

/// <summary>Distance to a partly known target: ½ ‖mask ∘ (product − target)‖² over the chosen divisor.</summary>
/// <remarks>
/// Dense, for the studies of the paper at moderate size; ratings with few known entries belong to
/// <c>LowRank.Completion</c>. The same target with the opposite mask gives the paper's recovery error as its loss.
/// </remarks>
public sealed class MaskedObjective : Objective
{
    private readonly Tensor _target;
    private readonly Tensor _weights;

    /// <summary>Keeps a copy of the known entries.</summary>
    /// <param name="target">
    /// The matrix <c>[rows, columns]</c>, float32 or float64. Entries outside the mask are ignored and may be NaN.
    /// </param>
    /// <param name="mask">Boolean <c>[rows, columns]</c>, true where the target is known; at least one entry.</param>
    /// <param name="scale">
    /// What the sum of squares is divided by: the paper's completion experiments use
    /// <see cref="LossScale.MeanOfEntries"/>, which counts the unknown entries too.
    /// </param>
    /// <exception cref="ArgumentException">Shapes differ, nothing is known, or a known entry is not finite.</exception>
    public MaskedObjective(Tensor target, Tensor mask, LossScale scale = LossScale.Sum)
    {
        Check.Matrix(target);
        Check.That(
            Check.NotNull(mask).dtype == ScalarType.Bool && mask.shape.AsSpan().SequenceEqual(target.shape),
            nameof(mask),
            $"mask: got {mask.dtype} [{string.Join(", ", mask.shape)}]; "
            + $"wanted Bool [{string.Join(", ", target.shape)}].");
        using var scope = NewDisposeScope();
        ObservedCount = mask.sum().ReadNumber<long>();
        Check.That(ObservedCount > 0, nameof(mask), "mask: got no known entry; wanted at least one.");
        var known = Finite(where(mask, target.detach(), zeros_like(target)), nameof(target));
        var weight = 1 / Divisor(scale, target.numel(), ObservedCount);
        _target = known.contiguous().DetachFromDisposeScope();
        _weights = mask.contiguous().to(target.dtype).mul_(weight).DetachFromDisposeScope();
    }

    /// <summary>Number of known entries.</summary>
    public long ObservedCount { get; }

    /// <inheritdoc/>
    public override long Rows => _target.shape[0];

    /// <inheritdoc/>
    public override long Columns => _target.shape[1];

    /// <inheritdoc/>
    public override double Loss(Tensor product)
    {
        Check.Matrix(product, Rows, Columns);
        using var scope = NewDisposeScope();
        var squares = (product - _target).square();
        squares.mul_(_weights);
        return 0.5 * squares.sum(ScalarType.Float64).ReadNumber<double>();
    }

    /// <inheritdoc/>
    public override void TurnIntoGradient(Tensor product)
    {
        Check.Matrix(product, Rows, Columns);
        product.sub_(_target);
        product.mul_(_weights);
    }

    /// <inheritdoc/>
    protected override void Free()
    {
        _target.Dispose();
        _weights.Dispose();
    }
}
