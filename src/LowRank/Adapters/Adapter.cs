using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>
/// A trained update of one layer, kept in factors: the input is projected to the rank, then multiplied out.
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
        Type = AdapterStart.TypeFor(layer);
    }

    /// <summary>The layer this adapter belongs to.</summary>
    public AdaptedLayer Layer { get; }

    /// <summary>The width of the adapter: the largest rank its update can have.</summary>
    public abstract int Rank { get; }

    /// <summary>The number every output is multiplied with: alpha over rank for LoRA, 1 for Deep LoRA.</summary>
    public abstract double Scale { get; }

    /// <summary>The trained tensors; names within the adapter, such as <c>lora_A</c>.</summary>
    public abstract IReadOnlyList<AdapterParameter> Factors { get; }

    private protected ScalarType Type { get; }

    // Where dropout draws; owned by the set.
    internal AdapterNoise? Noise { get; set; }

    // Adds the adapter's output to what the layer has just made, which may be changed in place: neither a linear layer
    // nor a look-up keeps its output for the backward pass.
    internal abstract Tensor AddTo(Tensor output, Tensor input);

    // Adds what the update of an embedding's table gives where the table is an output layer too, in place.
    internal Tensor AddToScores(Tensor output, Tensor input)
    {
        using var scope = NewDisposeScope();
        var projected = nn.functional.linear(input.reshape(-1, Layer.Outputs).to(Type), OutputRows());
        if (output.dim() == 2 && output.dtype == Type)
        {
            _ = output.addmm_(projected, InputRows().t(), beta: 1, alpha: (float)Scale); // no second matrix of scores: a vocabulary is wide
            return output;
        }

        var added = nn.functional.linear(projected, InputRows());
        _ = output.add_((Scale == 1 ? added : added * Scale).reshape(output.shape).to(output.dtype));
        return output;
    }

    /// <summary>The dense update of the layer's weight, in the weight's own shape.</summary>
    /// <returns>
    /// <c>[out, in]</c> for a linear layer, <c>[rows, out]</c> for an embedding; the caller disposes it.
    /// </returns>
    public abstract Tensor Delta();

    /// <summary>The factors as plain LoRA, every scale folded in, exact up to rounding of the small products.</summary>
    /// <returns>
    /// Detached copies, which the caller disposes; of <see cref="Dora"/> its direction's part, without the magnitude.
    /// </returns>
    public LoraFactors ToLora()
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var rows = InputRows().detach();
        var a = Layer.IsEmbedding ? rows.t().contiguous() : rows;
        var b = Scale == 1 ? OutputRows().t() : OutputRows().t() * Scale;
        return new LoraFactors(
            a.clone().MoveToOuterDisposeScope(), b.contiguous().clone().MoveToOuterDisposeScope());
    }

    /// <summary>The trained factors with the layer's path before their names.</summary>
    /// <returns>The parameters, in a fixed order.</returns>
    public IEnumerable<AdapterParameter> NamedFactors() =>
        Factors.Select(factor => factor with { Name = $"{Layer.Path}.{factor.Name}" });

    // [rank, out], contiguous: its gradient is then a product in the orientation that BLAS is fast in, which on a CPU
    // is worth 5 to 9 % of a whole layer's time. A new tensor of the current dispose scope.
    private protected abstract Tensor OutputRows();

    // [rank, in] for a linear layer; [rows, rank] for an embedding, whose rows are looked up. A parameter itself, or a
    // new tensor of the current dispose scope.
    private protected abstract Tensor InputRows();

    // [tokens, rank], whatever the input's shape.
    private protected Tensor Project(Tensor input)
    {
        if (Layer.IsEmbedding)
        {
            return InputRows().index_select(0, input.dim() == 1 ? input : input.flatten());
        }

        var rows = input.dim() == 2 ? input : input.reshape(-1, Layer.Inputs);
        return nn.functional.linear(Dropped(rows.dtype == Type ? rows : rows.to(Type)), InputRows());
    }

    // A matrix of outputs [tokens, out] in the shape that the layer gives for this input.
    private protected Tensor Shaped(Tensor rows, Tensor input)
    {
        long[] shape = Layer.IsEmbedding ? [.. input.shape, Layer.Outputs] : [.. input.shape[..^1], Layer.Outputs];
        return rows.reshape(shape);
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
        return input * noise.Mask(input, _dropout, Layer.Path);
    }
}
