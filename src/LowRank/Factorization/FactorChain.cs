using static TorchSharp.torch;

namespace LowRank.Factorization;

/// <summary>The products that a model's loss gradient needs, in buffers that are reused from step to step.</summary>
/// <remarks>
/// With R the gradient with respect to the product, ∂W_l = (W_L … W_{l+1})ᵀ R (W_{l-1} … W_1)ᵀ. Forward keeps the
/// prefixes W_{l-1} … W_1, backward carries the signal (W_L … W_{l+1})ᵀ R down the chain. That makes 3(L − 1) matrix
/// products for all L gradients and the product itself, and no allocation.
/// </remarks>
internal sealed class FactorChain : IDisposable
{
    private readonly Tensor[] _factors;
    private readonly Tensor[] _transposed;
    private readonly Tensor[] _prefixes;
    private readonly Tensor[] _prefixesTransposed;
    private readonly Tensor[] _signals;
    private readonly List<Tensor> _owned = [];
    private readonly bool _flipped;

    /// <summary>Buffers for a model whose factors stay the same tensors, changed only in place.</summary>
    public FactorChain(MatrixModel model)
    {
        // The buffers have as many columns as the product, so the shorter side should be there: a wide model is
        // handled as the transposed, reversed chain, through views of its factors.
        _flipped = model.Columns > model.Rows;
        _factors = _flipped
            ? [.. model.Factors.Reverse().Select(factor => Own(factor.t()))]
            : [.. model.Factors];
        _transposed = [.. _factors.Select(factor => Own(factor.t()))];
        var last = _factors.Length - 1;
        Product = Own(Buffer(model.Rows, model.Columns));
        _prefixes = new Tensor[_factors.Length];
        _signals = new Tensor[_factors.Length];
        for (var i = 0; i < last; i++)
        {
            _prefixes[i] = i == 0 ? _factors[0] : Own(Buffer(_factors[i].shape[0], _factors[0].shape[1]));
            _signals[i] = Own(Buffer(_factors[i].shape[0], _factors[0].shape[1]));
        }

        // The product itself stays in row order either way, as the objectives' matrices are.
        _prefixes[last] = _signals[last] = _flipped ? Own(Product.t()) : Product;
        _prefixesTransposed = [.. _prefixes.Select(prefix => Own(prefix.t()))];
    }

    /// <summary>Receives one factor and its gradient, signal · prefixᵀ, or the signal alone without a prefix.</summary>
    /// <param name="index">The factor's index in the model.</param>
    /// <param name="factor">The factor or its transpose: a view to change in place.</param>
    /// <param name="signal">Left part of the gradient; may be overwritten.</param>
    /// <param name="prefixTransposed">Right part of the gradient; null for the identity.</param>
    public delegate void Visit(int index, Tensor factor, Tensor signal, Tensor? prefixTransposed);

    /// <summary>The product's buffer <c>[rows, columns]</c>: filled by Forward, read as R by Backward.</summary>
    public Tensor Product { get; }

    /// <summary>Multiplies the factors into <see cref="Product"/>.</summary>
    public void Forward()
    {
        for (var i = 1; i < _factors.Length; i++)
        {
            Multiply(_prefixes[i], _factors[i], _prefixes[i - 1]);
        }
    }

    /// <summary>Visits the factors from the last to the first; each may be changed by its visit.</summary>
    /// <param name="active">By model index: whether the factor is visited.</param>
    /// <param name="visit">Called with the gradient in two parts.</param>
    public void Backward(ReadOnlySpan<bool> active, Visit visit)
    {
        var last = _factors.Length - 1;
        var lowest = last;
        for (var i = last; i >= 0; i--)
        {
            lowest = active[ModelIndex(i)] ? i : lowest;
        }

        for (var i = last; i >= lowest; i--)
        {
            // The next signal needs this factor as it was before its visit.
            if (i > lowest)
            {
                Multiply(_signals[i - 1], _transposed[i], _signals[i]);
            }

            if (active[ModelIndex(i)])
            {
                visit(ModelIndex(i), _factors[i], _signals[i], i == 0 ? null : _prefixesTransposed[i - 1]);
            }
        }
    }

    public void Dispose()
    {
        foreach (var tensor in _owned)
        {
            tensor.Dispose();
        }
    }

    /// <summary>target = left · right, into the target's memory.</summary>
    public static void Multiply(Tensor target, Tensor left, Tensor right) =>
        target.addmm_(left, right, beta: 0, alpha: 1);

    private int ModelIndex(int i) => _flipped ? _factors.Length - 1 - i : i;

    private Tensor Buffer(long rows, long columns) =>
        empty(rows, columns, dtype: _factors[0].dtype, device: _factors[0].device);

    private Tensor Own(Tensor tensor)
    {
        _owned.Add(tensor.DetachFromDisposeScope());
        return tensor;
    }
}
