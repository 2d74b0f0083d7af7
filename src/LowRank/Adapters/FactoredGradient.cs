using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>
/// The gradient of a loss with respect to a layer's whole update, kept as inputs and output gradients per token:
/// <c>g = Σ (dL/dy)ᵀ·x</c>, <c>[out, in]</c>, never multiplied out.
/// </summary>
internal sealed class FactoredGradient(AdaptedLayer layer) : IDisposable
{
    private const int MostIterations = 200;

    // Directions beyond the wanted ones speed the iteration up; all of a small side make it exact at once.
    private const int Oversampling = 8;
    private const int SmallSide = 128;

    // x [tokens, in] (ids [tokens] for an embedding) and dL/dy [tokens, out], per batch.
    private readonly List<(Tensor Input, Tensor Output)> _parts = [];

    internal bool IsEmpty => _parts.Count == 0;

    public void Dispose()
    {
        foreach (var (input, output) in _parts)
        {
            input.Dispose();
            output.Dispose();
        }
    }

    /// <summary>Remembers an input and returns what will receive the gradient of its output.</summary>
    internal Action<Tensor> Observer(Tensor input)
    {
        var rows = (layer.IsEmbedding ? input.flatten() : input.detach().reshape(-1, layer.Inputs)).alias();
        rows = rows.DetachFromDisposeScope();
        return gradient => _parts.Add((rows, gradient.detach().reshape(-1, layer.Outputs).clone().DetachFromDisposeScope()));
    }

    /// <summary>The leading left [out, count] and right [in, count] singular vectors, by subspace iteration.</summary>
    internal (Tensor U, Tensor V) LeadingVectors(int count, Seed seed)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var width = layer.Smaller <= SmallSide ? layer.Smaller : count + Oversampling;
        var right = Initialize.SemiOrthogonal(layer.Inputs, width, seed, 1, Type, layer.Weight.device);
        var left = right;
        double[] values = [];
        var tolerance = Type == ScalarType.Float64 ? 1e-14 : 1e-6;
        for (var i = 0; i < MostIterations; i++)
        {
            using var iteration = NewDisposeScope();
            left = Frames.Orthonormalize(Times(right)).MoveToOuterDisposeScope();
            var (frame, small) = linalg.qr(TransposedTimes(left));
            right = frame.MoveToOuterDisposeScope();
            double[] now = [.. linalg.svdvals(small).narrow(0, 0, count).to(ScalarType.Float64, CPU).data<double>()];

            // The values' error is the square of the vectors'; where it stalls at rounding, so do they.
            if (i > 0 && now.Zip(values).All(pair => Math.Abs(pair.First - pair.Second) <= tolerance * now[0]))
            {
                break;
            }

            values = now;
        }

        var (u, v) = Rotate(left, count);
        return (u.MoveToOuterDisposeScope(), v.MoveToOuterDisposeScope());
    }

    private ScalarType Type => AdapterStart.TypeFor(layer);

    private (Tensor U, Tensor V) Rotate(Tensor left, int count)
    {
        using var scope = NewDisposeScope();

        // g ≈ left·leftᵀ·g; the small factor's singular vectors rotate both sides.
        var (frame, small) = linalg.qr(TransposedTimes(left));
        var (a, _, bt) = linalg.svd(small, fullMatrices: false);
        return (
            left.mm(bt.t().narrow(1, 0, count)).MoveToOuterDisposeScope(),
            frame.mm(a.narrow(1, 0, count)).MoveToOuterDisposeScope());
    }

    // g·x for x [in, k].
    private Tensor Times(Tensor x)
    {
        using var scope = NewDisposeScope();
        var sum = zeros(layer.Outputs, x.shape[1], Type, layer.Weight.device);
        foreach (var (input, output) in _parts)
        {
            var projected = layer.IsEmbedding ? x.index_select(0, input) : input.to(Type).mm(x);
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
            if (layer.IsEmbedding)
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
