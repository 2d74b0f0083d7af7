namespace LowRank.Transformers.Blocks;

/// <summary>The memory of attention's inputs, or of their gradients; float32, row by row.</summary>
/// <param name="queries">[queries, heads * width].</param>
/// <param name="keys">[keys, heads * width].</param>
/// <param name="values">[keys, heads * width].</param>
/// <param name="bias">[heads, columns] by distance; null for none.</param>
internal readonly unsafe struct AttentionInputs(float* queries, float* keys, float* values, float* bias)
{
    public float* Queries { get; } = queries;

    public float* Keys { get; } = keys;

    public float* Values { get; } = values;

    public float* Bias { get; } = bias;
}
