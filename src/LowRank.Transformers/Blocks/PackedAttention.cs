using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Transformers.Blocks;

/// <summary><see cref="AttentionKernel"/> as a differentiable function of queries, keys, values and bias.</summary>
internal sealed unsafe class PackedAttention : torch.autograd.SingleTensorFunction<PackedAttention>
{
    private const string ShapeKey = "shape";
    private const string TrainsBiasKey = "trains-bias";

    public override string Name => nameof(PackedAttention);

    /// <summary>Whether the kernel can run on these: float32 on the CPU.</summary>
    public static bool Supports(torch.Tensor query) =>
        query.dtype == torch.ScalarType.Float32 && query.device_type == DeviceType.CPU;

    /// <summary>The attended values; shape of the queries; the caller's scope owns it.</summary>
    public static torch.Tensor Attend(
        torch.Tensor query,
        torch.Tensor key,
        torch.Tensor value,
        AttentionShape shape,
        torch.Tensor? bias = null)
    {
        var tracked = torch.is_grad_enabled()
            && (query.requires_grad || key.requires_grad || value.requires_grad || bias?.requires_grad == true);
        return !tracked ? Compute(query, key, value, bias, shape)
            : bias is null ? apply(query, key, value, shape)
            : apply(query, key, value, bias, shape, bias.requires_grad);
    }

    /// <inheritdoc/>
    public override torch.Tensor forward(torch.autograd.AutogradContext ctx, params object[] vars)
    {
        var (query, key, value) = ((torch.Tensor)vars[0], (torch.Tensor)vars[1], (torch.Tensor)vars[2]);
        var bias = vars[3] as torch.Tensor;
        var shape = (AttentionShape)vars[bias is null ? 3 : 4];
        ctx.save_data(ShapeKey, shape);
        ctx.save_data(TrainsBiasKey, bias is not null && (bool)vars[5]);
        ctx.save_for_backward(bias is null ? [query, key, value] : [query, key, value, bias]);
        return Compute(query, key, value, bias, shape);
    }

    /// <inheritdoc/>
    public override List<torch.Tensor> backward(torch.autograd.AutogradContext ctx, torch.Tensor grad_output)
    {
        using var scope = torch.NewDisposeScope();
        var shape = (AttentionShape)ctx.get_data(ShapeKey);
        var inputs = ctx.get_saved_variables().ConvertAll(tensor => tensor.contiguous());
        var gradient = grad_output.contiguous();
        var results = inputs.Take(3).Select(tensor => torch.empty_like(tensor)).ToList();
        var hasBias = inputs.Count > 3;
        var biasParts = (bool)ctx.get_data(TrainsBiasKey)
            ? torch.empty([shape.Texts, shape.Heads, shape.BiasColumns], torch.float32)
            : null;
        AttentionKernel.Backward(
            new(Data(inputs[0]), Data(inputs[1]), Data(inputs[2]), hasBias ? Data(inputs[3]) : null),
            Data(gradient),
            new(Data(results[0]), Data(results[1]), Data(results[2]), biasParts is null ? null : Data(biasParts)),
            shape);
        results.ForEach(tensor => tensor.MoveToOuterDisposeScope());

        // What is no tensor, or needs no gradient, has an empty place in the list.
        return hasBias
            ? Gradients.Hand(grad_output, [.. results, biasParts?.sum(dim: 0).MoveToOuterDisposeScope(), null, null])
            : Gradients.Hand(grad_output, [.. results, null]);
    }

    private static torch.Tensor Compute(
        torch.Tensor query, torch.Tensor key, torch.Tensor value, torch.Tensor? bias, AttentionShape shape)
    {
        using var scope = torch.NewDisposeScope();
        var (q, k, v, b) = (query.contiguous(), key.contiguous(), value.contiguous(), bias?.contiguous());
        var output = torch.empty_like(q);
        AttentionKernel.Forward(
            new(Data(q), Data(k), Data(v), b is null ? null : Data(b)), Data(output), shape);
        return output.MoveToOuterDisposeScope();
    }

    // The memory belongs to libtorch and does not move while the tensor lives, which the caller's scope sees to.
    private static float* Data(torch.Tensor tensor) =>
        (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
}
