using TorchSharp;
using TorchSharp.Modules;

namespace LowRank.Transformers.Blocks;

/// <summary>T5's bias of attention: one number for each head and bucket of distances.</summary>
/// <remarks>
/// Raffel et al. 2020. Near distances have a bucket each, far ones share buckets of growing width, and all beyond the
/// farthest share the last.
/// </remarks>
/// <param name="table">The numbers, an embedding [buckets, heads]; hooks see every use.</param>
/// <param name="buckets">The number of buckets.</param>
/// <param name="farthest">The distance from which on all share a bucket.</param>
/// <param name="bothWays">Whether keys after the query have buckets of their own; else they share the first.</param>
internal sealed class RelativePositions(Embedding table, int buckets, int farthest, bool bothWays)
{
    /// <summary>The bias for a text's own queries and keys, [heads, columns]; the caller's scope owns it.</summary>
    /// <param name="shape">Queries and keys of the same texts; fewer queries than keys are the last ones.</param>
    public torch.Tensor Bias(AttentionShape shape)
    {
        // The first column is where the last query, at the last key's place, meets the first key.
        var distances = Enumerable.Range(1 - shape.Keys.Longest, shape.BiasColumns);
        var ids = distances.Select(distance => (long)Bucket(distance)).ToArray();
        using var scope = torch.NewDisposeScope();
        return table.call(torch.tensor(ids, device: table.weight!.device)).t().contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>The bucket of a distance: the key's place less the query's.</summary>
    public int Bucket(int distance)
    {
        var count = bothWays ? buckets / 2 : buckets;
        var first = bothWays && distance > 0 ? count : 0;
        var away = bothWays ? Math.Abs(distance) : Math.Max(0, -distance);
        var exact = count / 2;
        if (away < exact)
        {
            return first + away;
        }

        // In single precision, as the checkpoints were trained.
        var share = MathF.Log((float)away / exact) / (float)Math.Log((double)farthest / exact);
        return first + Math.Min(exact + (int)(share * (count - exact)), count - 1);
    }
}
