using LowRank.Factorization;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>A wide rectangular model beside a small one, with the paper's 2r directions or with 3r (docs/theory.md, 3).</summary>
/// <param name="setup">Sizes and descent.</param>
/// <param name="moreColumns">Whether the matrix has more columns than rows.</param>
/// <param name="exact">Whether the longer side has 3r directions.</param>
internal sealed class RectangularCheck(TheorySetup setup, bool moreColumns, bool exact)
{
    private const int Depth = 3;

    /// <summary>Descends with both.</summary>
    /// <param name="seed">Decides target and start.</param>
    /// <param name="device">Where it computes.</param>
    /// <returns>
    /// <c>gap_error</c>, how much the two models' distance differs from that of the frozen part at most; series <c>gap</c>
    /// (step, distance, frozen part).
    /// </returns>
    public CellResult Run(Seed seed, Device device)
    {
        var (rows, columns) = moreColumns ? (setup.Side, setup.LongSide) : (setup.LongSide, setup.Side);
        double[] scales = [.. Enumerable.Repeat(setup.RectangleScale, Depth)];
        using var scope = NewDisposeScope();
        var target = Initialize.LowRank(rows, columns, setup.Rank, seed.For("target"), device: device).mul(setup.TargetScale);
        using var objective = new FullObjective(target);
        using var wide = DeepFactorization.Create(
            rows, columns, new() { Depth = Depth, Width = setup.Side, InitialScales = scales, Device = device }, seed.For("model"));
        var map = wide.Product() / Math.Pow(setup.RectangleScale, Depth);
        using var small = exact ? ThreeRanks(target, map) : TwoRanks(target, map, scales);
        var frozen = FrozenBlock.Trajectory(scales, setup.StepSize, 0, setup.Steps);
        var descent = setup.Descent(decay: 0);
        var gaps = new List<IReadOnlyList<double>>();
        for (var step = 0; ; step += setup.Every)
        {
            gaps.Add([step, wide.DistanceTo(small), FrozenBlock.Gap(frozen[step], setup.Side - (2 * setup.Rank))]);
            if (step == setup.Steps)
            {
                return new(
                    new Dictionary<string, double> { ["gap_error"] = gaps.Max(row => Math.Abs(row[1] - row[2])) },
                    new Dictionary<string, IReadOnlyList<IReadOnlyList<double>>> { ["gap"] = gaps });
            }

            descent.Fit(wide, objective);
            descent.Fit(small, objective);
        }
    }

    private CompressedFactorization TwoRanks(Tensor target, Tensor map, double[] scales)
    {
        using var outer = Compression.FromProductGradient(target, map, setup.Rank);
        return CompressedFactorization.Create(outer, scales);
    }

    // For more columns than rows; otherwise mirrored. What the map keeps of the target's right vectors joins the images
    // of the left ones; what it loses of them is an input of the first inner matrix that starts at zero.
    private CompressedFactorization ThreeRanks(Tensor target, Tensor map)
    {
        using var scope = NewDisposeScope();
        if (map.shape[0] > map.shape[1])
        {
            using var mirrored = ThreeRanks(target.t(), map.t());
            return CompressedFactorization.FromFactors([.. mirrored.Factors.Reverse().Select(factor => factor.t())]);
        }

        var width = 2 * setup.Rank;
        using var top = Spectrum.Top(target, setup.Rank);
        var kept = map.t().mm(map.mm(top.Right));
        var frame = Orthonormal(cat([kept, map.t().mm(top.Left)], 1));
        var right = cat([frame, Orthonormal(top.Right - kept)], 1);
        var identity = eye(width, dtype: float64, device: map.device) * setup.RectangleScale;
        return CompressedFactorization.FromFactors(
            [right.t(), cat([identity, zeros(width, setup.Rank, float64, map.device)], 1), .. Enumerable.Repeat(identity, Depth - 1), map.mm(frame)]);
    }

    private static Tensor Orthonormal(Tensor tall) => linalg.qr(tall).Q;
}
