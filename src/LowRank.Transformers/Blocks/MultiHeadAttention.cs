using TorchSharp;

namespace LowRank.Transformers.Blocks;

/// <summary>Scaled dot-product attention of packed rows: each text's queries look at its own keys only.</summary>
internal static class MultiHeadAttention
{
    /// <summary>softmax(Q K^T / sqrt(width)) V for each text and head.</summary>
    /// <param name="query">Queries [queries, heads * width].</param>
    /// <param name="key">Keys [tokens, heads * width].</param>
    /// <param name="value">Values, shaped as the keys.</param>
    /// <param name="batch">The batch whose tokens the keys are.</param>
    /// <param name="shape">Who looks at whom; its keys are the batch's rows.</param>
    /// <returns>The attended values, shaped as the queries; the caller's scope owns it.</returns>
    public static torch.Tensor Attend(
        torch.Tensor query, torch.Tensor key, torch.Tensor value, TokenBatch batch, AttentionShape shape) =>
        PackedAttention.Supports(query)
            ? PackedAttention.Attend(query, key, value, shape)
            : PaddedAttention.Attend(query, key, value, batch, shape);
}
