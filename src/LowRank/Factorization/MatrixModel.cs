using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Factorization;

/// <summary>A matrix held as a product of factors, W_L · … · W_2 · W_1.</summary>
/// <remarks>
/// The factors are plain tensors, changed in place by <see cref="GradientDescent"/>. References such as "theory 2" in
/// this namespace are to the sections of docs/theory.md.
/// </remarks>
public abstract class MatrixModel : IDisposable
{
    private readonly Tensor[] _factors;

    // Takes the tensors over; each must fit the next.
    private protected MatrixModel(IEnumerable<Tensor> factors) =>
        _factors = [.. factors.Select(factor => factor.DetachFromDisposeScope())];

    /// <summary>The factors in the order in which they act: the first has the columns, the last the rows.</summary>
    public IReadOnlyList<Tensor> Factors => _factors;

    /// <summary>Rows of the product.</summary>
    public long Rows => _factors[^1].shape[0];

    /// <summary>Columns of the product.</summary>
    public long Columns => _factors[0].shape[1];

    /// <summary>Number of matrices in the deep chain: L.</summary>
    public abstract int Depth { get; }

    /// <summary>float32 or float64, the same for all factors.</summary>
    public ScalarType Dtype => _factors[0].dtype;

    /// <summary>Where the factors live.</summary>
    public Device Device => _factors[0].device;

    /// <summary>Number of entries of all factors together.</summary>
    public long ParameterCount => _factors.Sum(factor => factor.numel());

    /// <summary>Multiplies the factors.</summary>
    /// <returns>The matrix <c>[rows, columns]</c>; the caller disposes it.</returns>
    public Tensor Product()
    {
        using var scope = NewDisposeScope();
        return (Rows >= Columns
            ? _factors.Aggregate((product, factor) => factor.mm(product))
            : _factors.Reverse().Aggregate((product, factor) => product.mm(factor)))
            .MoveToOuterDisposeScope();
    }

    /// <summary>The gap to another model: the Frobenius norm of the difference of the two products.</summary>
    /// <param name="other">A model of the same rows, columns, dtype and device.</param>
    /// <returns>A number, at least 0.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public double DistanceTo(MatrixModel other)
    {
        Check.NotNull(other);
        using var scope = NewDisposeScope();
        var theirs = Check.Matrix(other.Product(), Rows, Columns, nameof(other));
        return Math.Sqrt((Product() - theirs).square().sum(ScalarType.Float64).ReadNumber<double>());
    }

    /// <summary>Frees the factors.</summary>
    public void Dispose()
    {
        foreach (var factor in _factors)
        {
            factor.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    // Outer factors step with the discrepant rate; only a compressed model has them.
    internal abstract bool IsOuter(int index);

    private protected static Tensor Copy(Tensor factor)
    {
        using var scope = NewDisposeScope();
        return factor.detach().contiguous().clone().DetachFromDisposeScope();
    }

    private protected static void CheckChain(IReadOnlyList<Tensor> factors, int least)
    {
        Check.NotNull(factors);
        Check.That(
            factors.Count >= least,
            nameof(factors),
            $"factors: got {factors.Count} matrices; wanted at least {least}.");
        for (var i = 0; i < factors.Count; i++)
        {
            Check.Matrix(factors[i], columns: i == 0 ? -1 : factors[i - 1].shape[0], name: $"factors[{i}]");
            Check.That(
                factors[i].dtype == factors[0].dtype && factors[i].dtype is ScalarType.Float32 or ScalarType.Float64,
                nameof(factors),
                $"factors[{i}]: got {factors[i].dtype}; wanted all Float32 or all Float64.");
        }
    }
}
