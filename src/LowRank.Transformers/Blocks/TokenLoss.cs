using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Transformers.Blocks;

/// <summary>The mean cross-entropy of scores over a vocabulary, whose gradient takes the scores' own memory.</summary>
/// <remarks>
/// A vocabulary is wide: libtorch's operations would make four more matrices of scores. Here the forward pass keeps one
/// number for each row, and the backward pass turns the scores into their gradient where they lie. So the scores belong
/// to the loss alone.
/// </remarks>
internal sealed unsafe class TokenLoss : torch.autograd.SingleTensorFunction<TokenLoss>
{
    private const string SmoothingKey = "smoothing";
    private const string TurnedKey = "turned";

    public override string Name => nameof(TokenLoss);

    /// <summary>The loss, a scalar; the caller's scope owns it.</summary>
    /// <param name="scores">Scores [tokens, vocabulary]; used up where they need a gradient.</param>
    /// <param name="labels">The tokens' ids [tokens], int64, none beyond the vocabulary.</param>
    /// <param name="smoothing">The share of the target's probability that goes to all ids alike.</param>
    public static torch.Tensor Of(torch.Tensor scores, torch.Tensor labels, double smoothing) =>
        scores.dtype == torch.ScalarType.Float32 && scores.device_type == DeviceType.CPU && scores.is_contiguous()
            && torch.is_grad_enabled() && scores.requires_grad
            ? apply(scores, labels, scores.detach(), smoothing)
            : torch.nn.functional.cross_entropy(scores, labels, label_smoothing: smoothing);

    /// <inheritdoc/>
    public override torch.Tensor forward(torch.autograd.AutogradContext ctx, params object[] vars)
    {
        using var scope = torch.NewDisposeScope();
        var (scores, labels, smoothing) = ((torch.Tensor)vars[0], (torch.Tensor)vars[1], (double)vars[3]);
        var (rows, width) = ((int)scores.size(0), (int)scores.size(1));
        var shifts = torch.empty(rows, torch.float32);
        var losses = torch.empty(rows, torch.float32);
        float* score = (float*)Data(scores), shift = (float*)Data(shifts), loss = (float*)Data(losses);
        var label = (long*)Data(labels);
        Team.Run(rows, row =>
        {
            var at = score + ((long)row * width);
            shift[row] = LogSum(at, width);
            var mean = smoothing > 0 ? Sum(at, width) / width : 0;
            loss[row] = (float)(shift[row] - ((1 - smoothing) * at[label[row]]) - (smoothing * mean));
        });
        ctx.save_for_backward([labels, shifts.MoveToOuterDisposeScope(), (torch.Tensor)vars[2]]);
        ctx.save_data(SmoothingKey, smoothing);
        return losses.mean().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override List<torch.Tensor> backward(torch.autograd.AutogradContext ctx, torch.Tensor grad_output)
    {
        using var scope = torch.NewDisposeScope();
        var saved = ctx.get_saved_variables();
        var scores = saved[2];
        if (ctx.get_data(TurnedKey) is null)
        {
            Turn(scores, saved[0], saved[1], (double)ctx.get_data(SmoothingKey));
            ctx.save_data(TurnedKey, true);
        }

        var factor = grad_output.ReadNumber<float>();
        var gradient = factor == 1 ? scores.alias() : scores * factor;
        return Gradients.Hand(grad_output, gradient.MoveToOuterDisposeScope(), null, null, null);
    }

    // From scores to the gradient of their mean loss, in place.
    private static void Turn(torch.Tensor scores, torch.Tensor labels, torch.Tensor shifts, double smoothing)
    {
        var (rows, width) = ((int)scores.size(0), (int)scores.size(1));
        var share = 1f / rows;
        float* score = (float*)Data(scores), shift = (float*)Data(shifts);
        var label = (long*)Data(labels);
        Team.Run(rows, row =>
        {
            var at = score + ((long)row * width);
            Softmax(at, width, shift[row], share, (float)(share * smoothing / width));
            at[label[row]] -= (float)((1 - smoothing) * share);
        });
    }

    private static float LogSum(float* row, int width)
    {
        var step = Vector<float>.Count;
        var most = new Vector<float>(float.NegativeInfinity);
        var top = float.NegativeInfinity;
        var j = 0;
        for (; j + step <= width; j += step)
        {
            most = Vector.Max(most, Vector.Load(row + j));
        }

        for (var lane = 0; lane < step; lane++)
        {
            top = Math.Max(top, most[lane]);
        }

        for (var rest = j; rest < width; rest++)
        {
            top = Math.Max(top, row[rest]);
        }

        Vector<float> sums = default;
        for (j = 0; j + step <= width; j += step)
        {
            sums += Vector.Exp(Vector.Load(row + j) - new Vector<float>(top));
        }

        var sum = Vector.Sum(sums);
        for (; j < width; j++)
        {
            sum += MathF.Exp(row[j] - top);
        }

        return top + MathF.Log(sum);
    }

    private static double Sum(float* row, int width)
    {
        var step = Vector<float>.Count;
        Vector<float> sums = default;
        var j = 0;
        for (; j + step <= width; j += step)
        {
            sums += Vector.Load(row + j);
        }

        double sum = Vector.Sum(sums);
        for (; j < width; j++)
        {
            sum += row[j];
        }

        return sum;
    }

    // row = share softmax(row) - less, in place.
    private static void Softmax(float* row, int width, float shift, float share, float less)
    {
        var step = Vector<float>.Count;
        var j = 0;
        for (; j + step <= width; j += step)
        {
            var probability = Vector.Exp(Vector.Load(row + j) - new Vector<float>(shift));
            ((probability * share) - new Vector<float>(less)).Store(row + j);
        }

        for (; j < width; j++)
        {
            row[j] = (MathF.Exp(row[j] - shift) * share) - less;
        }
    }

    // The memory belongs to libtorch and does not move while the tensor lives, which the caller's scope sees to.
    private static void* Data(torch.Tensor tensor) =>
        Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
}
