using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Transformers.Blocks;

/// <summary>Attention through the padded form with libtorch's own operations: for other devices and dtypes.</summary>
/// <remarks>Also the reference that the packed kernel is tested against.</remarks>
internal static class PaddedAttention
{
    /// <summary>The attended values, shaped as the queries; the caller's scope owns it.</summary>
    public static torch.Tensor Attend(
        torch.Tensor query,
        torch.Tensor key,
        torch.Tensor value,
        AttentionShape shape,
        torch.Tensor? bias = null)
    {
        using var scope = torch.NewDisposeScope();
        var q = Split(shape.Queries.Pad(query), shape);
        var k = Split(shape.Keys.Pad(key), shape);
        var v = Split(shape.Keys.Pad(value), shape);
        var added = Added(shape, bias, query);
        var attended = shape.DropoutRate > 0 ? Explicit(q, k, v, added, shape) : Fused(q, k, v, added, shape);
        var joined = attended.transpose(1, 2).reshape(shape.Texts, shape.Queries.Longest, shape.Width);
        return shape.Queries.Unpad(joined).MoveToOuterDisposeScope();
    }

    // [B, T, H] to [B, A, T, D]
    private static torch.Tensor Split(torch.Tensor padded, AttentionShape shape) =>
        padded.view(padded.size(0), padded.size(1), shape.Heads, shape.HeadWidth).transpose(1, 2);

    // What is added to the scores; broadcasts to [B, A, Tq, Tk].
    private static torch.Tensor Added(AttentionShape shape, torch.Tensor? bias, torch.Tensor like)
    {
        var (queries, keys) = (shape.Queries.Longest, shape.Keys.Longest);
        var added = shape.Keys.Mask(like.device).to(like.dtype);
        if (shape.Causal)
        {
            added += torch.full([queries, keys], float.NegativeInfinity, like.dtype, like.device).triu(1);
        }

        if (bias is not null)
        {
            var row = torch.arange(queries - 1, -1, -1, torch.int64, like.device).unsqueeze(1);
            var columns = (row + torch.arange(keys, torch.int64, like.device)).flatten();
            added += bias.index_select(1, columns).view(1, shape.Heads, queries, keys);
        }

        return added;
    }

    private static torch.Tensor Fused(
        torch.Tensor q, torch.Tensor k, torch.Tensor v, torch.Tensor added, AttentionShape shape)
    {
        // libtorch scales by 1 / sqrt(width) itself.
        var scale = shape.Scale * MathF.Sqrt(shape.HeadWidth);
        var scaled = MathF.Abs(scale - 1) < 1e-6f ? q : q * scale;
        return torch.nn.functional.scaled_dot_product_attention(scaled, k, v, added);
    }

    private static torch.Tensor Explicit(
        torch.Tensor q, torch.Tensor k, torch.Tensor v, torch.Tensor added, AttentionShape shape)
    {
        var (texts, queries, keys) = (shape.Texts, q.size(2), k.size(2));
        var units = texts * shape.Heads;
        var scores = q.reshape(units, queries, shape.HeadWidth)
            .bmm(k.reshape(units, keys, shape.HeadWidth).transpose(1, 2));
        var masked = (scores * shape.Scale).view(texts, shape.Heads, queries, keys) + added;
        var dropped = torch.nn.functional.softmax(masked, -1) * Dropout(shape, queries, keys, q.dtype, q.device);
        return dropped.view(units, queries, keys).bmm(v.reshape(units, keys, shape.HeadWidth))
            .view(texts, shape.Heads, queries, shape.HeadWidth);
    }

    // On the CPU the kernel's masks, laid out in the padded form.
    private static torch.Tensor Dropout(
        AttentionShape shape, long queries, long keys, torch.ScalarType dtype, torch.Device device)
    {
        if (device.type != DeviceType.CPU)
        {
            return HashedMask.Create([shape.Texts, shape.Heads, queries, keys], shape.DropoutRate, shape.Dropout, dtype, device);
        }

        var mask = new float[shape.Texts * shape.Heads * queries * keys];
        for (var unit = 0; unit < shape.Texts * shape.Heads; unit++)
        {
            var (text, head) = (unit / shape.Heads, unit % shape.Heads);
            var (m, n) = (shape.Queries.Length(text), shape.Keys.Length(text));
            var drawn = new float[m * n];
            RandomMask.Fill(drawn, shape.DropoutRate, shape.MaskSeed(text, head));
            for (var i = 0; i < m; i++)
            {
                drawn.AsSpan(i * n, n).CopyTo(mask.AsSpan((int)(((unit * queries) + i) * keys), n));
            }
        }

        return torch.tensor(mask, [shape.Texts, shape.Heads, queries, keys], dtype, device);
    }
}
