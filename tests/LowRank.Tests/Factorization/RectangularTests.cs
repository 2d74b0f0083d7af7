using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Tests.Factorization;

/// <summary>
/// Theory 3 for rectangular matrices: 2r directions on the longer side are not enough, 3r are exact, and then the
/// frozen directions alone separate the small model from the wide one, as for square matrices.
/// </summary>
public sealed class RectangularTests
{
    private const int Rank = 2;
    private const int Depth = 3;
    private const double Scale = 0.01;

    private static readonly Seed Seed = Seed.From(5);

    [Theory]
    [InlineData(24, 24)]
    [InlineData(20, 32)]
    [InlineData(32, 20)]
    public void Descend_FromThreeRanksOnTheLongerSide_FollowsTheWideModelToTheFrozenBlock(long rows, long columns)
    {
        using var scope = NewDisposeScope();
        var target = Initialize.SemiOrthogonal(rows, Rank, Seed.For("a"))
            .mm(Initialize.SemiOrthogonal(Rank, columns, Seed.For("b")));
        var width = Math.Min(rows, columns);
        var wide = Chain(rows, columns, width);
        var map = Product(wide) / Math.Pow(Scale, Depth);
        var (left, inner, right) = Compress(map, target);
        var (full, small) = (Descend(wide, null, null, target), Descend(inner, left, right, target));

        Assert.InRange(full[^1], 0, 1e-9);
        var frozen = (width - (2 * Rank)) / 2.0 * Math.Pow(Scale, 2 * Depth);
        Assert.All(full.Zip(small).Take(200), pair => Assert.InRange(pair.First - pair.Second, 0.9 * frozen, 1.01 * frozen));
        Assert.All(full.Zip(small), pair => Assert.InRange(pair.First - pair.Second, 0, 1.01 * frozen));
    }

    private static Tensor[] Chain(long rows, long columns, long width) =>
    [
        .. Enumerable.Range(0, Depth).Select(index => Initialize.SemiOrthogonal(
            index == Depth - 1 ? rows : width, index == 0 ? columns : width, Seed.For(index), Scale)),
    ];

    // For rows <= columns: A spans what of V the map keeps, and QᵀU; what it loses of V is an input of the first inner
    // matrix that starts at zero. Otherwise mirrored.
    private static (Tensor Left, Tensor[] Inner, Tensor Right) Compress(Tensor map, Tensor target)
    {
        if (map.shape[0] > map.shape[1])
        {
            var (mirroredLeft, mirrored, mirroredRight) = Compress(map.t(), target.t());
            return (mirroredRight, [.. mirrored.Reverse().Select(factor => factor.t())], mirroredLeft);
        }

        var (u, _, vt) = linalg.svd(target, fullMatrices: false);
        var (leading, image) = (vt.narrow(0, 0, Rank).t(), map.t().mm(u.narrow(1, 0, Rank)));
        var kept = map.t().mm(map.mm(leading));
        var frame = Frames.Orthonormalize(cat([kept, image], 1));
        var inner = Enumerable.Range(0, Depth).Select(_ => eye(2 * Rank, dtype: float64) * Scale).ToArray();
        var right = frame;
        if (map.shape[0] < map.shape[1])
        {
            right = cat([frame, Frames.Orthonormalize(leading - kept)], 1);
            inner[0] = cat([inner[0], zeros(2 * Rank, Rank, float64)], 1);
        }

        return (map.mm(frame), inner, right);
    }

    private static List<double> Descend(Tensor[] start, Tensor? left, Tensor? right, Tensor target)
    {
        var factors = start.Select(factor => factor.detach().clone().requires_grad_(true)).ToArray();
        var losses = new List<double>();
        for (var step = 0; step < 900; step++)
        {
            using var scope = NewDisposeScope();
            var product = Product(factors);
            var seen = left is null || right is null ? product : left.mm(product).mm(right.t());
            var loss = (seen - target).square().sum() / 2;
            losses.Add(loss.item<double>());
            loss.backward();
            using var gradients = no_grad();
            foreach (var factor in factors)
            {
                factor.sub_(factor.grad! * 0.3);
                factor.grad = null;
            }
        }

        return losses;
    }

    private static Tensor Product(Tensor[] factors) =>
        factors.Skip(1).Aggregate(factors[0], (product, factor) => factor.mm(product));
}
