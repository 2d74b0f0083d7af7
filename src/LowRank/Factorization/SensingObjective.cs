using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Factorization;

/// <summary>Distance to linear measurements: ½ Σ (⟨A_i, product⟩ − y_i)² over the chosen divisor.</summary>
/// <remarks>Dense: the measurement matrices take measurements · rows · columns numbers.</remarks>
public sealed class SensingObjective : Objective
{
    private readonly Tensor _operators;
    private readonly Tensor _measured;
    private readonly double _weight;

    /// <summary>Keeps copies of the measurement matrices and their results.</summary>
    /// <param name="operators">
    /// The matrices A_i stacked, <c>[measurements, rows, columns]</c>, float32 or float64, finite.
    /// </param>
    /// <param name="measured">The results y_i, <c>[measurements]</c>, same dtype and device, finite.</param>
    /// <param name="scale">What the sum of squares is divided by.</param>
    /// <exception cref="ArgumentException">Shapes or dtypes do not fit, or an entry is not finite.</exception>
    public SensingObjective(Tensor operators, Tensor measured, LossScale scale = LossScale.Sum)
    {
        var shape = Check.NotNull(operators).shape;
        Check.That(
            shape.Length == 3 && operators.numel() > 0 && operators.is_floating_point(),
            nameof(operators),
            $"operators: got {operators.dtype} [{string.Join(", ", shape)}]; "
            + "wanted floating-point [measurements, rows, columns].");
        Check.That(
            Check.NotNull(measured).dtype == operators.dtype && measured.shape.AsSpan().SequenceEqual([shape[0]]),
            nameof(measured),
            $"measured: got {measured.dtype} [{string.Join(", ", measured.shape)}]; "
            + $"wanted {operators.dtype} [{shape[0]}].");
        Rows = shape[1];
        Columns = shape[2];
        _weight = 1 / Divisor(scale, Rows * Columns, shape[0]);
        using var scope = NewDisposeScope();
        _operators = Copy(Finite(operators, nameof(operators)).reshape(shape[0], Rows * Columns));
        _measured = Copy(Finite(measured, nameof(measured)));
    }

    /// <inheritdoc/>
    public override long Rows { get; }

    /// <inheritdoc/>
    public override long Columns { get; }

    /// <inheritdoc/>
    public override double Loss(Tensor product)
    {
        Check.Matrix(product, Rows, Columns);
        using var scope = NewDisposeScope();
        return 0.5 * _weight * Residual(product).square().sum(ScalarType.Float64).ReadNumber<double>();
    }

    /// <inheritdoc/>
    public override void TurnIntoGradient(Tensor product)
    {
        Check.Matrix(product, Rows, Columns);
        using var scope = NewDisposeScope();
        var gradient = _operators.t().mv(Residual(product)).mul_(_weight);
        product.copy_(gradient.view(Rows, Columns));
    }

    /// <inheritdoc/>
    protected override void Free()
    {
        _operators.Dispose();
        _measured.Dispose();
    }

    private Tensor Residual(Tensor product) => _operators.mv(product.reshape(-1)).sub_(_measured);
}
