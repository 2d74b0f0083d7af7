using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace LowRank.Transformers.Blocks;

/// <summary><see cref="AttentionKernel"/> as a differentiable function of queries, keys and values.</summary>
internal sealed unsafe class PackedAttention : torch.autograd.SingleTensorFunction<PackedAttention>
{
    private const string ShapeKey = "shape";

    public override string Name => nameof(PackedAttention);

    /// <summary>Whether the kernel can run on these: float32 on the CPU.</summary>
    public static bool Supports(torch.Tensor query) =>
        query.dtype == torch.ScalarType.Float32 && query.device_type == DeviceType.CPU;

    /// <summary>The attended values; shape of the queries; the caller's scope owns it.</summary>
    public static torch.Tensor Attend(torch.Tensor query, torch.Tensor key, torch.Tensor value, AttentionShape shape)
    {
        var tracked = torch.is_grad_enabled()
            && (query.requires_grad || key.requires_grad || value.requires_grad);
        return tracked ? apply(query, key, value, shape) : Compute(query, key, value, shape);
    }

    /// <inheritdoc/>
    public override torch.Tensor forward(torch.autograd.AutogradContext ctx, params object[] vars)
    {
        var (query, key, value, shape) =
            ((torch.Tensor)vars[0], (torch.Tensor)vars[1], (torch.Tensor)vars[2], (AttentionShape)vars[3]);
        ctx.save_data(ShapeKey, shape);
        ctx.save_for_backward([query, key, value]);
        return Compute(query, key, value, shape);
    }

    /// <inheritdoc/>
    public override List<torch.Tensor> backward(torch.autograd.AutogradContext ctx, torch.Tensor grad_output)
    {
        using var scope = torch.NewDisposeScope();
        var shape = (AttentionShape)ctx.get_data(ShapeKey);
        var inputs = ctx.get_saved_variables().ConvertAll(tensor => tensor.contiguous());
        var gradient = grad_output.contiguous();
        var results = inputs.ConvertAll(tensor => torch.empty_like(tensor));
        AttentionKernel.Backward(
            Data(inputs[0]),
            Data(inputs[1]),
            Data(inputs[2]),
            Data(gradient),
            Data(results[0]),
            Data(results[1]),
            Data(results[2]),
            shape);
        results.ForEach(tensor => tensor.MoveToOuterDisposeScope());
        results.Add(null!); // The shape is no tensor: its place in the list of gradients stays empty.
        return results;
    }

    private static torch.Tensor Compute(
        torch.Tensor query, torch.Tensor key, torch.Tensor value, AttentionShape shape)
    {
        using var scope = torch.NewDisposeScope();
        var (q, k, v) = (query.contiguous(), key.contiguous(), value.contiguous());
        var output = torch.empty_like(q);
        AttentionKernel.Forward(Data(q), Data(k), Data(v), Data(output), shape);
        return output.MoveToOuterDisposeScope();
    }

    // The memory belongs to libtorch and does not move while the tensor lives, which the caller's scope sees to.
    private static float* Data(torch.Tensor tensor) =>
        (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
}
