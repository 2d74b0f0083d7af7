using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Factorization;

/// <summary>Distance to a fully known target: ½ ‖product − target‖² over the chosen divisor.</summary>
public sealed class FullObjective : Objective
{
    private readonly Tensor _target;
    private readonly double _weight;

    /// <summary>Keeps a copy of the target.</summary>
    /// <param name="target">The matrix <c>[rows, columns]</c>, float32 or float64, finite.</param>
    /// <param name="scale">
    /// What the sum of squares is divided by; for a fully known target both means are the same.
    /// </param>
    /// <exception cref="ArgumentException">The target is not a finite floating-point matrix.</exception>
    public FullObjective(Tensor target, LossScale scale = LossScale.Sum)
    {
        Finite(Check.Matrix(target), nameof(target));
        _weight = 1 / Divisor(scale, target.numel(), target.numel());
        _target = Copy(target);
    }

    /// <inheritdoc/>
    public override long Rows => _target.shape[0];

    /// <inheritdoc/>
    public override long Columns => _target.shape[1];

    /// <inheritdoc/>
    public override double Loss(Tensor product)
    {
        Check.Matrix(product, Rows, Columns);
        using var scope = NewDisposeScope();
        return 0.5 * _weight * (product - _target).square().sum(ScalarType.Float64).ReadNumber<double>();
    }

    /// <inheritdoc/>
    public override void TurnIntoGradient(Tensor product)
    {
        Check.Matrix(product, Rows, Columns);
        product.sub_(_target);
        if (_weight != 1)
        {
            product.mul_(_weight);
        }
    }

    /// <inheritdoc/>
    protected override void Free() => _target.Dispose();
}
