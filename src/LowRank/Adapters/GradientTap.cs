using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>Passes a tensor on unchanged and shows its gradient to an observer on the way back.</summary>
/// <remarks>
/// Called as <c>apply(tensor, probe, observer)</c>; the probe is a leaf that wants a gradient, so that a frozen layer's
/// output takes part in the backward pass. It gets none.
/// </remarks>
internal sealed class GradientTap : autograd.SingleTensorFunction<GradientTap>
{
    private const string Observer = "observer";

    public override string Name => nameof(GradientTap);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        ctx.save_data(Observer, vars[2]);
        return ((Tensor)vars[0]).alias();
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        ((Action<Tensor>)ctx.get_data(Observer))(grad_output);

        // TorchSharp takes null for "no gradient", though the list's type does not say so.
        return [grad_output, null!, null!];
    }
}
