using TorchSharp;

namespace LowRank.Transformers.Blocks;

/// <summary>Attention through the padded form with libtorch's own operations: for other devices and dtypes.</summary>
/// <remarks>Also the reference that the packed kernel is tested against.</remarks>
internal static class PaddedAttention
{
    /// <summary>The attended values, shaped as the queries; the caller's scope owns it.</summary>
    public static torch.Tensor Attend(
        torch.Tensor query, torch.Tensor key, torch.Tensor value, TokenBatch batch, AttentionShape shape)
    {
        using var scope = torch.NewDisposeScope();
        var firstOnly = shape.LongestQuery == 1 && batch.Longest > 1;
        var q = firstOnly ? Split(query, shape, 1) : Pad(query, batch, shape);
        var k = Pad(key, batch, shape);
        var v = Pad(value, batch, shape);
        var mask = batch.KeyMask().to(query.dtype);
        var attended = shape.DropoutRate > 0
            ? Explicit(q, k, v, mask, shape)
            : torch.nn.functional.scaled_dot_product_attention(q, k, v, mask);
        var flat = attended.transpose(1, 2).reshape(-1, shape.Width); // [B * T, H]
        return (firstOnly ? flat : flat.index_select(0, batch.Slots())).MoveToOuterDisposeScope();
    }

    // [tokens, H] to [B, A, T, D]
    private static torch.Tensor Pad(torch.Tensor packed, TokenBatch batch, AttentionShape shape)
    {
        var padded = torch.zeros(batch.Rows * batch.Longest, shape.Width, packed.dtype, packed.device);
        return Split(padded.index_copy(0, batch.Slots(), packed), shape, batch.Longest);
    }

    private static torch.Tensor Split(torch.Tensor rows, AttentionShape shape, int length) =>
        rows.view(-1, length, shape.Heads, shape.HeadWidth).transpose(1, 2);

    private static torch.Tensor Explicit(
        torch.Tensor q, torch.Tensor k, torch.Tensor v, torch.Tensor mask, AttentionShape shape)
    {
        var (texts, queries, keys) = (shape.Texts, q.size(2), k.size(2));
        var units = texts * shape.Heads;
        var scores = q.reshape(units, queries, shape.HeadWidth)
            .bmm(k.reshape(units, keys, shape.HeadWidth).transpose(1, 2));
        var masked = (scores * shape.Scale).view(texts, shape.Heads, queries, keys) + mask;
        var dropped = torch.nn.functional.softmax(masked, -1) * Dropout(shape, queries, keys, q.dtype, q.device);
        return dropped.view(units, queries, keys).bmm(v.reshape(units, keys, shape.HeadWidth))
            .view(texts, shape.Heads, queries, shape.HeadWidth);
    }

    // The kernel's masks, laid out in the padded form.
    private static torch.Tensor Dropout(
        AttentionShape shape, long queries, long keys, torch.ScalarType dtype, torch.Device device)
    {
        var mask = new float[shape.Texts * shape.Heads * queries * keys];
        for (var unit = 0; unit < shape.Texts * shape.Heads; unit++)
        {
            var (text, head) = (unit / shape.Heads, unit % shape.Heads);
            var m = shape.QueryOffsets[text + 1] - shape.QueryOffsets[text];
            var n = shape.KeyOffsets[text + 1] - shape.KeyOffsets[text];
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
