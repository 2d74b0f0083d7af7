using TorchSharp;

namespace LowRank.Transformers.Blocks;

/// <summary>Scaled dot-product attention of packed rows: each text's queries look at its own keys only.</summary>
internal static class MultiHeadAttention
{
    /// <summary>softmax(scale Q K^T + bias) V for each text and head.</summary>
    /// <param name="query">Queries [queries, heads * width].</param>
    /// <param name="key">Keys [keys, heads * width].</param>
    /// <param name="value">Values, shaped as the keys.</param>
    /// <param name="shape">Who looks at whom.</param>
    /// <param name="bias">
    /// What is added to the scores by head and distance, [heads, <see cref="AttentionShape.BiasColumns"/>]; null for
    /// nothing.
    /// </param>
    /// <returns>The attended values, shaped as the queries; the caller's scope owns it.</returns>
    public static torch.Tensor Attend(
        torch.Tensor query,
        torch.Tensor key,
        torch.Tensor value,
        AttentionShape shape,
        torch.Tensor? bias = null) =>
        PackedAttention.Supports(query)
            ? PackedAttention.Attend(query, key, value, shape, bias)
            : PaddedAttention.Attend(query, key, value, shape, bias);
}
