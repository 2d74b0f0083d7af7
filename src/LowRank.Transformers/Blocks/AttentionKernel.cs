namespace LowRank.Transformers.Blocks;

/// <summary>Attention over packed rows on the CPU in float32, one text and head at a time: no padding at all.</summary>
/// <remarks>
/// Probabilities are recomputed in the backward pass instead of stored, so memory is linear in the tokens. Each text
/// and head is one unit of work done by one thread from start to end: results do not depend on the number of threads.
/// </remarks>
internal static unsafe class AttentionKernel
{
    /// <summary>Writes softmax(Q K^T / sqrt(width)) V for each text and head.</summary>
    /// <param name="q">Queries [queries, heads * width].</param>
    /// <param name="k">Keys [keys, heads * width].</param>
    /// <param name="v">Values [keys, heads * width].</param>
    /// <param name="output">The result, shaped as the queries.</param>
    /// <param name="shape">The texts, heads and dropout.</param>
    public static void Forward(float* q, float* k, float* v, float* output, AttentionShape shape) =>
        Run(shape, (text, head, work) =>
        {
            work.Open(text, head);
            work.LoadTransposed(k, work.KeysT);
            work.Probabilities(q);
            work.LoadKeys(v, work.Keys);
            work.Drop(work.P);
            SmallProduct.Multiply(work.P, work.KeyStride, 1, work.Keys, work.OutQ, work.M, work.Width, work.N);
            work.StoreQueries(work.OutQ, output);
        });

    /// <summary>Writes the gradients of the three inputs of <see cref="Forward"/>.</summary>
    /// <param name="q">Queries.</param>
    /// <param name="k">Keys.</param>
    /// <param name="v">Values.</param>
    /// <param name="gradient">The gradient of the result, shaped as the queries.</param>
    /// <param name="dq">The gradient of the queries; overwritten.</param>
    /// <param name="dk">The gradient of the keys; overwritten.</param>
    /// <param name="dv">The gradient of the values; overwritten.</param>
    /// <param name="shape">The texts, heads and dropout.</param>
    public static void Backward(
        float* q, float* k, float* v, float* gradient, float* dq, float* dk, float* dv, AttentionShape shape) =>
        Run(shape, (text, head, work) =>
        {
            work.Open(text, head);
            int m = work.M, n = work.N, stride = work.KeyStride, width = work.Width;
            work.LoadTransposed(k, work.KeysT);
            work.Probabilities(q);

            // dV = (P mask)^T dO
            work.LoadQueries(gradient, work.Gradient);
            work.CopyDropped();
            SmallProduct.Multiply(work.Dropped, 1, stride, work.Gradient, work.OutK, n, width, m);
            work.StoreKeys(work.OutK, dv);

            // dP = (dO V^T) mask, then the softmax's own gradient dS = P (dP - sum(P dP)) / sqrt(width)
            work.LoadTransposed(v, work.KeysT);
            SmallProduct.Multiply(work.Gradient, width, 1, work.KeysT, work.S, m, stride, shape.HeadWidth);
            work.Drop(work.S);
            work.SoftmaxGradient();

            work.LoadKeys(k, work.Keys);
            SmallProduct.Multiply(work.S, stride, 1, work.Keys, work.OutQ, m, width, n);
            work.StoreQueries(work.OutQ, dq);
            SmallProduct.Multiply(work.S, 1, stride, work.Queries, work.OutK, n, width, m);
            work.StoreKeys(work.OutK, dk);
        });

    private static void Run(AttentionShape shape, Action<int, int, AttentionWork> body)
    {
        var units = shape.Texts * shape.Heads;
        var options = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, TorchSharp.torch.get_num_threads()) };
        _ = Parallel.For(
            0,
            units,
            options,
            () => new AttentionWork(shape),
            (unit, _, work) =>
            {
                body(unit / shape.Heads, unit % shape.Heads, work);
                return work;
            },
            work => work.Dispose());
    }
}
