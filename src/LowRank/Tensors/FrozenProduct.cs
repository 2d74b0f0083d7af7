using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;

namespace LowRank.Tensors;

/// <summary>x Wᵀ for a weight that does not learn: by <see cref="PanelProduct"/> where that is the faster way.</summary>
/// <remarks>
/// libtorch's matrix library gives processors of other makers than its own no 512-bit instructions; there the panels are
/// twice as fast. Elsewhere, for other types and for a few rows, libtorch multiplies.
/// </remarks>
internal sealed unsafe class FrozenProduct : autograd.SingleTensorFunction<FrozenProduct>
{
    // Fewer rows do not pay for copying the weight into panels.
    private const int FewestRows = 8;

    private static readonly bool IsFaster = PanelProduct.IsSupported && IsAmd();

    public override string Name => nameof(FrozenProduct);

    /// <summary>The products, <c>[..., out]</c>, with the bias added; the caller's scope owns them.</summary>
    /// <param name="input">States, <c>[..., in]</c>.</param>
    /// <param name="weight">The weight, <c>[out, in]</c>.</param>
    /// <param name="bias">The bias, <c>[out]</c>, or null.</param>
    public static Tensor Apply(Tensor input, Tensor weight, Tensor? bias = null)
    {
        if (!Takes(input, weight, bias))
        {
            return nn.functional.linear(input, weight, bias);
        }

        using var scope = NewDisposeScope();
        var rows = input.dim() == 2 ? input : input.reshape(-1, input.size(-1));
        var product = is_grad_enabled() && rows.requires_grad
            ? apply(rows, weight)
            : Multiply(rows, weight, transposed: true);
        if (bias is not null)
        {
            _ = product.add_(bias); // its own result, which nothing keeps
        }

        return (input.dim() == 2 ? product : product.reshape([.. input.shape[..^1], weight.size(0)]))
            .MoveToOuterDisposeScope();
    }

    /// <summary>The gradient of the input, <c>[rows, in]</c>, from that of the products, <c>[rows, out]</c>.</summary>
    public static Tensor Back(Tensor gradient, Tensor weight) =>
        IsFaster ? Multiply(gradient, weight, transposed: false) : gradient.mm(weight);

    /// <summary>A Wᵀ, or A W, by panels, whatever the processor; a new matrix of the caller's scope.</summary>
    internal static Tensor Multiply(Tensor a, Tensor weight, bool transposed)
    {
        using var scope = NewDisposeScope();
        a = a.contiguous();
        var (rows, columns, inner) = (a.size(0), weight.size(transposed ? 0 : 1), a.size(1));
        var product = empty(rows, columns, ScalarType.Float32);
        PanelProduct.Multiply(
            Data(a), Data(weight), Data(product), (int)rows, (int)columns, (int)inner, transposed);
        return product.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var weight = (Tensor)vars[1];
        ctx.save_for_backward([weight]);
        return Multiply((Tensor)vars[0], weight, transposed: true);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) =>
        Gradients.Hand(grad_output, Back(grad_output, ctx.get_saved_variables()[0]), null);

    private static bool Takes(Tensor input, Tensor weight, Tensor? bias) =>
        IsFaster
        && input.dtype == ScalarType.Float32
        && weight.dtype == ScalarType.Float32
        && input.device_type == DeviceType.CPU
        && weight.device_type == DeviceType.CPU
        && (!is_grad_enabled() || (!weight.requires_grad && bias?.requires_grad != true))
        && input.dim() > 0
        && input.size(-1) == weight.size(1)
        && input.numel() >= FewestRows * weight.size(1)
        && weight.is_contiguous();

    private static bool IsAmd()
    {
        var (_, b, c, d) = X86Base.CpuId(0, 0);
        return (b, d, c) == (0x68747541, 0x69746E65, 0x444D4163); // "Auth" "enti" "cAMD"
    }

    // The memory belongs to libtorch and does not move while the tensor lives, which the caller's scope sees to.
    private static float* Data(Tensor tensor) =>
        (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
}
