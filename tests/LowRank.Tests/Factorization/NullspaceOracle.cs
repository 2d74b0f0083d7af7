using LowRank.Factorization;
using static TorchSharp.torch;

namespace LowRank.Tests.Factorization;

/// <summary>
/// The reference code's own construction of the subspace (theory 3), slow but independent of ours: the
/// intersection of two null spaces through three full decompositions.
/// </summary>
internal static class NullspaceOracle
{
    /// <summary>The frame <c>[d, 2h]</c> that spans what the intersection leaves.</summary>
    public static Tensor RightFrame(DeepFactorization model, Objective objective, int rank)
    {
        using var scope = NewDisposeScope();
        var side = model.Rows;
        var signal = objective.Gradient(model.Product());
        foreach (var factor in model.Factors.Skip(1).Reverse())
        {
            signal = factor.t().mm(signal);
        }

        var (left, _, rightTransposed) = linalg.svd(signal);
        var first = model.Factors[0];
        var scale = Math.Sqrt(first.square().sum().item<double>() / side);
        var rest = side - rank;
        var pulled = first.t().mm(left.narrow(1, rank, rest)) / scale;
        var kept = rightTransposed.t().narrow(1, rank, rest);

        // Pairs (x, y) with pulled·x = kept·y: their common values are the intersection of the two column spaces.
        var (_, _, pairs) = linalg.svd(cat([pulled, -kept], 1));
        var kernel = pairs.t().narrow(1, side, (2 * rest) - side);
        var intersection = pulled.mm(kernel.narrow(0, 0, rest));
        var (basis, _, _) = linalg.svd(intersection);
        return basis.narrow(1, side - (2 * rank), 2 * rank).contiguous().MoveToOuterDisposeScope();
    }
}
