using LowRank.Tensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>
/// A trained low-rank update of one layer, kept in factors: the input is projected to the rank, then multiplied out.
/// </summary>
/// <remarks>
/// Every adapter is two factors at run time: one on the input side, <c>A</c>, and one on the output side, <c>B</c>,
/// which a deep adapter forms from its inner factors once per pass. A layer then costs O(tokens (in + out) rank) more,
/// and the dense update <c>scale·B·A</c> is never formed unless <see cref="Delta"/> asks for it.
/// </remarks>
public abstract class Adapter : nn.Module<Tensor, Tensor>
{
    private readonly double _dropout;

    private protected Adapter(AdaptedLayer layer, double dropout)
        : base(nameof(Adapter))
    {
        Layer = layer;
        _dropout = dropout;
    }

    /// <summary>The layer this adapter belongs to.</summary>
    public AdaptedLayer Layer { get; }

    /// <summary>The width of the adapter: the largest rank its update can have.</summary>
    public abstract int Rank { get; }

    /// <summary>The number every output is multiplied with: alpha over rank for LoRA, 1 for Deep LoRA.</summary>
    public abstract double Scale { get; }

    /// <summary>The trained tensors; names within the adapter, such as <c>lora_A</c>.</summary>
    public abstract IReadOnlyList<AdapterParameter> Factors { get; }

    // Where dropout draws; owned by the set, set anew for each step, so that a step depends on nothing before it.
    internal Generator? Noise { get; set; }

    // [rank, in] for a linear layer; [rows, rank] for an embedding, whose rows are looked up.
    private protected abstract Parameter InputFactor { get; }

    /// <summary>The output the adapter adds to its layer's.</summary>
    /// <param name="input">The layer's input: <c>[..., in]</c>, or ids of any shape for an embedding.</param>
    /// <returns>The added output, <c>[..., out]</c>, in the adapter's type; the caller disposes it.</returns>
    public sealed override Tensor forward(Tensor input)
    {
        Check.NotNull(input);
        using var scope = NewDisposeScope();
        var added = Project(input).mm(OutputRows());
        var scaled = Scale == 1 ? added : added * Scale;
        long[] shape = Layer.IsEmbedding ? [.. input.shape, Layer.Outputs] : [.. input.shape[..^1], Layer.Outputs];
        return scaled.reshape(shape).MoveToOuterDisposeScope();
    }

    /// <summary>The dense update of the layer's weight, in the weight's own shape.</summary>
    /// <returns>
    /// <c>[out, in]</c> for a linear layer, <c>[rows, out]</c> for an embedding; the caller disposes it.
    /// </returns>
    public Tensor Delta()
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var product = Layer.IsEmbedding ? InputFactor.mm(OutputRows()) : OutputRows().t().mm(InputFactor);
        return (Scale == 1 ? product : product.mul_(Scale)).MoveToOuterDisposeScope();
    }

    /// <summary>The same update as plain LoRA, exact up to rounding of the small products.</summary>
    /// <returns>The two factors, detached copies; the caller disposes them.</returns>
    public LoraFactors ToLora()
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var a = Layer.IsEmbedding ? InputFactor.t().contiguous() : InputFactor.detach();
        var b = Scale == 1 ? OutputRows().t() : OutputRows().t() * Scale;
        return new LoraFactors(
            a.clone().MoveToOuterDisposeScope(), b.contiguous().clone().MoveToOuterDisposeScope());
    }

    /// <summary>The trained factors with the layer's path before their names.</summary>
    /// <returns>The parameters, in a fixed order.</returns>
    public IEnumerable<AdapterParameter> NamedFactors() =>
        Factors.Select(factor => factor with { Name = $"{Layer.Path}.{factor.Name}" });

    // The fused form: one multiply-add into the output that the layer has just made. Safe in place: neither a linear
    // layer nor a look-up keeps its output for the backward pass.
    internal Tensor AddTo(Tensor output, Tensor input)
    {
        if (output.dim() != 2 || output.dtype != InputFactor.dtype)
        {
            return Added(output, input);
        }

        using var scope = NewDisposeScope();
        output.addmm_(Project(input), OutputRows(), beta: 1, alpha: (float)Scale);
        return output;
    }

    // [rank, out], contiguous: its gradient is then a product in the orientation that BLAS is fast in, which on a CPU
    // is worth 5 to 9 % of a whole layer's time. A new tensor of the current dispose scope.
    private protected abstract Tensor OutputRows();

    private Tensor Added(Tensor output, Tensor input)
    {
        using var scope = NewDisposeScope();
        var added = call(input);
        return (output + added.to(output.dtype)).MoveToOuterDisposeScope();
    }

    // [tokens, rank], whatever the input's shape.
    private Tensor Project(Tensor input)
    {
        if (Layer.IsEmbedding)
        {
            return InputFactor.index_select(0, input.dim() == 1 ? input : input.flatten());
        }

        var rows = input.dim() == 2 ? input : input.reshape(-1, Layer.Inputs);
        var typed = rows.dtype == InputFactor.dtype ? rows : rows.to(InputFactor.dtype);
        return nn.functional.linear(Dropped(typed), InputFactor);
    }

    private Tensor Dropped(Tensor input)
    {
        // The adapter is not part of the model's tree, so it follows its layer's mode.
        if (_dropout == 0 || !Layer.Module.training)
        {
            return input;
        }

        var noise = Noise ?? throw new InvalidOperationException(
            $"{Layer.Path}: dropout has no random stream; call {nameof(AdapterSet)}.{nameof(AdapterSet.BeginStep)} "
                + "before each training step.");
        var keep = empty_like(input).bernoulli_(1 - _dropout, noise);
        return input * keep.div_(1 - _dropout);
    }
}
