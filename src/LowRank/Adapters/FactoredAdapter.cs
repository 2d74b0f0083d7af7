using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>An adapter whose update is a product of its factors and nothing else.</summary>
public abstract class FactoredAdapter : Adapter
{
    private protected FactoredAdapter(AdaptedLayer layer, double dropout)
        : base(layer, dropout)
    {
    }

    /// <summary>The output the adapter adds to its layer's.</summary>
    /// <param name="input">The layer's input: <c>[..., in]</c>, or ids of any shape for an embedding.</param>
    /// <returns>The added output, <c>[..., out]</c>, in the adapter's type; the caller disposes it.</returns>
    public sealed override Tensor forward(Tensor input)
    {
        Check.NotNull(input);
        using var scope = NewDisposeScope();
        var added = Project(input).mm(OutputRows());
        return Shaped(Scale == 1 ? added : added * Scale, input).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public sealed override Tensor Delta()
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var product = Layer.IsEmbedding ? InputRows().mm(OutputRows()) : OutputRows().t().mm(InputRows());
        return (Scale == 1 ? product : product.mul_(Scale)).MoveToOuterDisposeScope();
    }

    // The fused form: one multiply-add into the layer's output.
    internal sealed override Tensor AddTo(Tensor output, Tensor input)
    {
        using var scope = NewDisposeScope();
        if (output.dim() != 2 || output.dtype != Type)
        {
            return (output + call(input).to(output.dtype)).MoveToOuterDisposeScope();
        }

        output.addmm_(Project(input), OutputRows(), beta: 1, alpha: (float)Scale);
        return output;
    }
}
