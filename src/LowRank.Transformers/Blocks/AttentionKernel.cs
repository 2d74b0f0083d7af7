using LowRank.Tensors;

namespace LowRank.Transformers.Blocks;

/// <summary>Attention over packed rows on the CPU in float32, one text and head at a time: no padding at all.</summary>
/// <remarks>
/// Probabilities are recomputed in the backward pass instead of stored, so memory is linear in the tokens. Each text
/// and head is one unit of work done by one thread from start to end: results do not depend on the number of threads.
/// </remarks>
internal static unsafe class AttentionKernel
{
    /// <summary>Writes softmax(scale Q K^T + bias) V for each text and head.</summary>
    /// <param name="inputs">Queries, keys, values and bias.</param>
    /// <param name="output">The result, shaped as the queries.</param>
    /// <param name="shape">The texts, heads and dropout.</param>
    public static void Forward(AttentionInputs inputs, float* output, AttentionShape shape) =>
        Run(shape, (text, head, work) =>
        {
            work.Open(text, head);
            work.LoadTransposed(inputs.Keys, work.KeysT);
            work.Probabilities(inputs.Queries, inputs.Bias);
            work.LoadKeys(inputs.Values, work.Keys);
            work.Drop(work.P);
            SmallProduct.Multiply(work.P, work.KeyStride, 1, work.Keys, work.OutQ, work.M, work.Width, work.N);
            work.StoreQueries(work.OutQ, output);
        });

    /// <summary>Writes the gradients of the inputs of <see cref="Forward"/>.</summary>
    /// <param name="inputs">Queries, keys, values and bias.</param>
    /// <param name="gradient">The gradient of the result, shaped as the queries.</param>
    /// <param name="results">
    /// The gradients; overwritten. That of the bias is apart for each text, [texts, heads, columns], or null when it is
    /// not wanted.
    /// </param>
    /// <param name="shape">The texts, heads and dropout.</param>
    public static void Backward(
        AttentionInputs inputs, float* gradient, AttentionInputs results, AttentionShape shape) =>
        Run(shape, (text, head, work) =>
        {
            work.Open(text, head);
            int m = work.M, n = work.N, stride = work.KeyStride, width = work.Width;
            work.LoadTransposed(inputs.Keys, work.KeysT);
            work.Probabilities(inputs.Queries, inputs.Bias);

            // dV = (P mask)^T dO
            work.LoadQueries(gradient, work.Gradient);
            work.CopyDropped();
            SmallProduct.Multiply(work.Dropped, 1, stride, work.Gradient, work.OutK, n, width, m);
            work.StoreKeys(work.OutK, results.Values);

            // dP = (dO V^T) mask, then the softmax's own gradient dS = P (dP - sum(P dP)) * scale
            work.LoadTransposed(inputs.Values, work.KeysT);
            SmallProduct.Multiply(work.Gradient, width, 1, work.KeysT, work.S, m, stride, shape.HeadWidth);
            work.Drop(work.S);
            work.SoftmaxGradient();
            if (results.Bias is not null)
            {
                work.StoreBias(results.Bias);
            }

            work.LoadKeys(inputs.Keys, work.Keys);
            SmallProduct.Multiply(work.S, stride, 1, work.Keys, work.OutQ, m, width, n);
            work.StoreQueries(work.OutQ, results.Queries);
            SmallProduct.Multiply(work.S, 1, stride, work.Queries, work.OutK, n, width, m);
            work.StoreKeys(work.OutK, results.Keys);
        });

    private static void Run(AttentionShape shape, Action<int, int, AttentionWork> body) =>
        Team.Run(
            shape.Texts * shape.Heads,
            () => new AttentionWork(shape),
            (unit, work) => body(unit / shape.Heads, unit % shape.Heads, work),
            work => work.Dispose());
}
