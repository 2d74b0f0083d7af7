using LowRank.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>
/// The gradient of a loss with respect to a layer's whole update, kept as inputs and output gradients per token:
/// <c>g = Σ (dL/dy)ᵀ·x</c>, <c>[out, in]</c>, never multiplied out.
/// </summary>
internal sealed class FactoredGradient(AdaptedLayer layer, Action<FactoredGradient> complete) : IDisposable
{
    private const int MostCycles = 50;

    // Blocks of a Krylov space per cycle, and directions beyond the wanted ones: both speed the convergence up.
    private const int Depth = 5;
    private const int Oversampling = 4;

    // All directions of a small side make the answer exact at once.
    private const int SmallSide = 128;

    // x [tokens, in] (ids [tokens] where an embedding is looked up) and dL/dy [tokens, out], per pass through the layer.
    private readonly List<(Tensor Input, Tensor Output)> _parts = [];
    private int _pending;

    internal AdaptedLayer Layer => layer;

    /// <summary>Whether more batches follow the present one.</summary>
    internal bool ExpectsMore { get; set; }

    internal bool IsEmpty { get; private set; } = true;

    private ScalarType Type => AdapterStart.TypeFor(layer);

    public void Dispose()
    {
        foreach (var (input, output) in _parts)
        {
            input.Dispose();
            output.Dispose();
        }

        _parts.Clear();
    }

    /// <summary>Remembers an input and returns what will receive the gradient of its output.</summary>
    /// <remarks>
    /// With the last gradient of the last batch the sum is complete; it is used at once and then freed.
    /// </remarks>
    internal Action<Tensor> Observer(Tensor input)
    {
        using var scope = NewDisposeScope();
        var rows = layer.IsEmbedding ? input.flatten() : input.detach().reshape(-1, layer.Inputs);
        rows = rows.alias().DetachFromDisposeScope();
        return Expect(gradient => (rows, Rows(gradient, layer.Outputs)));
    }

    /// <summary>The same where an embedding's table is an output layer: the gradient of scores picks the rows.</summary>
    internal Action<Tensor> ObserverOfScores(Tensor input)
    {
        var states = Rows(input, layer.Outputs);
        return Expect(gradient => (Rows(gradient, layer.Inputs), states));
    }

    private Action<Tensor> Expect(Func<Tensor, (Tensor Input, Tensor Output)> part)
    {
        _pending++;
        return gradient =>
        {
            _parts.Add(part(gradient));
            IsEmpty = false;
            if (--_pending == 0 && !ExpectsMore)
            {
                complete(this);
                Dispose();
            }
        };
    }

    // A matrix of that many columns on the same numbers; outlives every scope.
    private static Tensor Rows(Tensor tensor, long columns)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().reshape(-1, columns).alias().DetachFromDisposeScope();
    }

    /// <summary>
    /// The leading left [out, count] and right [in, count] singular vectors, by a block Krylov method.
    /// </summary>
    internal (Tensor U, Tensor V) LeadingVectors(int count, Seed seed)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var width = layer.Smaller <= SmallSide ? layer.Smaller : count + Oversampling;
        var start = Initialize.SemiOrthogonal(layer.Inputs, width, seed, 1, Type, layer.Weight.device);
        var tolerance = Type == ScalarType.Float64 ? 1e-12 : 1e-4;
        for (var cycle = 1; ; cycle++)
        {
            using var work = NewDisposeScope();
            var (u, values, v) = Refine(start);
            var (wantedU, wantedV) = (u.narrow(1, 0, count), v.narrow(1, 0, count));
            var residual = TransposedTimes(wantedU) - (wantedV * values.narrow(0, 0, count));
            var error = residual.abs().max().ToDouble();
            if (error <= tolerance * values[0].ToDouble() || cycle == MostCycles)
            {
                return (
                    wantedU.contiguous().MoveToOuterDisposeScope().MoveToOuterDisposeScope(),
                    wantedV.contiguous().MoveToOuterDisposeScope().MoveToOuterDisposeScope());
            }

            start = v.narrow(1, 0, width).contiguous().MoveToOuterDisposeScope();
        }
    }

    // Ritz vectors and values of the Krylov space of gᵀg on the start; the vectors belong to the caller's scope.
    private (Tensor U, Tensor Values, Tensor V) Refine(Tensor start)
    {
        using var scope = NewDisposeScope();
        var basis = Frames.Orthonormalize(TransposedTimes(Frames.Orthonormalize(Times(start))));
        var block = basis;
        for (var i = 1; i < Depth && basis.shape[1] + block.shape[1] <= layer.Smaller; i++)
        {
            block = TransposedTimes(Times(block));
            basis = Frames.Orthonormalize(cat([basis, block], 1));
            block = basis.narrow(1, basis.shape[1] - block.shape[1], block.shape[1]);
        }

        var (frame, small) = linalg.qr(Times(basis));
        var (a, values, bt) = linalg.svd(small, fullMatrices: false);
        return (
            frame.mm(a).MoveToOuterDisposeScope(),
            values.MoveToOuterDisposeScope(),
            basis.mm(bt.t()).MoveToOuterDisposeScope());
    }

    private static bool IsIds(Tensor input) => input.is_integral();

    // g·x for x [in, k].
    private Tensor Times(Tensor x)
    {
        using var scope = NewDisposeScope();
        var sum = zeros(layer.Outputs, x.shape[1], Type, layer.Weight.device);
        foreach (var (input, output) in _parts)
        {
            var projected = IsIds(input) ? x.index_select(0, input) : input.to(Type).mm(x);
            sum.addmm_(output.to(Type).t(), projected);
        }

        return sum.MoveToOuterDisposeScope();
    }

    // gᵀ·y for y [out, k].
    private Tensor TransposedTimes(Tensor y)
    {
        using var scope = NewDisposeScope();
        var sum = zeros(layer.Inputs, y.shape[1], Type, layer.Weight.device);
        foreach (var (input, output) in _parts)
        {
            var projected = output.to(Type).mm(y);
            if (IsIds(input))
            {
                sum.index_add_(0, input, projected, 1);
            }
            else
            {
                sum.addmm_(input.to(Type).t(), projected);
            }
        }

        return sum.MoveToOuterDisposeScope();
    }
}
