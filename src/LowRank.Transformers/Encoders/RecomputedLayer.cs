using TorchSharp;

namespace LowRank.Transformers.Encoders;

/// <summary>A layer that keeps its input alone and runs once more when the backward pass comes to it.</summary>
/// <remarks>
/// Chen et al. 2016 (arXiv 1604.06174). Both runs are equal because nothing in a layer is random but masks that are a
/// function of seed and place. The second run has a backward pass of its own, inside the outer one: gradients of
/// parameters, adapters' included, are added up there.
/// </remarks>
internal sealed class RecomputedLayer : torch.autograd.SingleTensorFunction<RecomputedLayer>
{
    private const string Layer = "layer";
    private const string InputLearns = "input learns";

    public override string Name => nameof(RecomputedLayer);

    /// <summary>What the layer gives for the input; the caller's scope owns it.</summary>
    public static torch.Tensor Run(Func<torch.Tensor, torch.Tensor> layer, torch.Tensor input)
    {
        using var scope = torch.NewDisposeScope();
        var output = layer(input);
        if (!output.requires_grad)
        {
            return output.MoveToOuterDisposeScope(); // nothing up to here learns
        }

        // A leaf that wants a gradient, so that the function is part of the graph whatever the input is.
        var probe = torch.zeros(1, device: input.device, requires_grad: true);
        return apply(input, probe, output.detach(), layer).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override torch.Tensor forward(torch.autograd.AutogradContext ctx, params object[] vars)
    {
        var input = (torch.Tensor)vars[0];
        ctx.save_for_backward([input]);
        ctx.save_data(InputLearns, input.requires_grad);
        ctx.save_data(Layer, vars[3]);
        return ((torch.Tensor)vars[2]).alias();
    }

    /// <inheritdoc/>
    public override List<torch.Tensor> backward(torch.autograd.AutogradContext ctx, torch.Tensor grad_output)
    {
        using var scope = torch.NewDisposeScope();
        using var gradients = torch.enable_grad();
        var learns = (bool)ctx.get_data(InputLearns);
        var input = ctx.get_saved_variables()[0].detach().requires_grad_(learns);
        var output = ((Func<torch.Tensor, torch.Tensor>)ctx.get_data(Layer))(input);
        torch.autograd.backward([output], [grad_output]);

        // TorchSharp takes null for "no gradient", though the list's type does not say so.
        return [learns ? input.grad!.MoveToOuterDisposeScope() : null!, null!, null!, null!];
    }
}
