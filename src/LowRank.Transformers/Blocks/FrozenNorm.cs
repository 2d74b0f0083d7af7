using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Transformers.Blocks;

/// <summary>A root-mean-square norm whose weight does not learn: one pass over the rows each way.</summary>
/// <remarks>libtorch's operations would make seven tensors as large as the rows in the backward pass.</remarks>
internal sealed unsafe class FrozenNorm : torch.autograd.SingleTensorFunction<FrozenNorm>
{
    private const int RowsAtOnce = 16;
    private const string EpsilonKey = "epsilon";

    public override string Name => nameof(FrozenNorm);

    /// <summary>Whether it can run on these: float32 on the CPU, a weight that needs no gradient.</summary>
    public static bool Takes(torch.Tensor x, torch.Tensor weight) =>
        x.dtype == torch.ScalarType.Float32
        && weight.dtype == torch.ScalarType.Float32
        && x.device_type == DeviceType.CPU
        && x.dim() == 2
        && x.size(1) % Vector<float>.Count == 0
        && !(torch.is_grad_enabled() && weight.requires_grad);

    /// <summary>The normed rows; the caller's scope owns them.</summary>
    /// <param name="x">Rows [tokens, width].</param>
    /// <param name="weight">A factor for each column [width].</param>
    /// <param name="epsilon">What is added to the mean square.</param>
    public static torch.Tensor Apply(torch.Tensor x, torch.Tensor weight, float epsilon) =>
        torch.is_grad_enabled() && x.requires_grad ? apply(x, weight, epsilon) : Compute(x, weight, epsilon);

    /// <inheritdoc/>
    public override torch.Tensor forward(torch.autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, weight) = ((torch.Tensor)vars[0], (torch.Tensor)vars[1]);
        ctx.save_for_backward([x, weight]);
        ctx.save_data(EpsilonKey, vars[2]);
        return Compute(x, weight, (float)vars[2]);
    }

    /// <inheritdoc/>
    public override List<torch.Tensor> backward(torch.autograd.AutogradContext ctx, torch.Tensor grad_output)
    {
        using var scope = torch.NewDisposeScope();
        var saved = ctx.get_saved_variables().ConvertAll(tensor => tensor.contiguous());
        var (gradient, result) = (grad_output.contiguous(), torch.empty_like(saved[0]));
        var epsilon = (float)ctx.get_data(EpsilonKey);
        float* x = Data(saved[0]), w = Data(saved[1]), g = Data(gradient), to = Data(result);
        var width = (int)result.size(1);
        Rows(result, row => Back(x + (row * width), w, g + (row * width), to + (row * width), width, epsilon));
        return Gradients.Hand(grad_output, result.MoveToOuterDisposeScope(), null, null);
    }

    private static torch.Tensor Compute(torch.Tensor input, torch.Tensor weight, float epsilon)
    {
        using var scope = torch.NewDisposeScope();
        var (rows, weights) = (input.contiguous(), weight.contiguous());
        var result = torch.empty_like(rows);
        float* x = Data(rows), w = Data(weights), to = Data(result);
        var width = (int)input.size(1);
        Rows(result, row =>
        {
            float* from = x + (row * width), target = to + (row * width);
            var inverse = new Vector<float>(Inverse(from, width, epsilon));
            for (var j = 0; j < width; j += Vector<float>.Count)
            {
                (Vector.Load(from + j) * inverse * Vector.Load(w + j)).Store(target + j);
            }
        });
        return result.MoveToOuterDisposeScope();
    }

    // y = x r w with r = (mean(x²) + ε)^-½, so dx = r (g w) - x r³ mean(g w x).
    private static void Back(float* x, float* w, float* g, float* to, int width, float epsilon)
    {
        Vector<float> sum = default;
        for (var j = 0; j < width; j += Vector<float>.Count)
        {
            var scaled = Vector.Load(g + j) * Vector.Load(w + j);
            scaled.Store(to + j);
            sum = Vector.FusedMultiplyAdd(scaled, Vector.Load(x + j), sum);
        }

        var inverse = Inverse(x, width, epsilon);
        var factor = new Vector<float>(inverse);
        var share = new Vector<float>(-inverse * inverse * inverse * Vector.Sum(sum) / width);
        for (var j = 0; j < width; j += Vector<float>.Count)
        {
            Vector.FusedMultiplyAdd(Vector.Load(x + j), share, factor * Vector.Load(to + j)).Store(to + j);
        }
    }

    private static float Inverse(float* x, int width, float epsilon)
    {
        Vector<float> sum = default;
        for (var j = 0; j < width; j += Vector<float>.Count)
        {
            var value = Vector.Load(x + j);
            sum = Vector.FusedMultiplyAdd(value, value, sum);
        }

        return 1 / MathF.Sqrt((Vector.Sum(sum) / width) + epsilon);
    }

    private static void Rows(torch.Tensor shaped, Action<long> body)
    {
        var rows = shaped.size(0);
        Team.Run((int)((rows + RowsAtOnce - 1) / RowsAtOnce), unit =>
        {
            for (var row = (long)unit * RowsAtOnce; row < Math.Min(rows, (unit + 1L) * RowsAtOnce); row++)
            {
                body(row);
            }
        });
    }

    // The memory belongs to libtorch and does not move while the tensor lives, which the caller's scope sees to.
    private static float* Data(torch.Tensor tensor) =>
        (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
}
