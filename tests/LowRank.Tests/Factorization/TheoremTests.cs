using LowRank.Factorization;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Tests.Factorization;

/// <summary>The consequences of the invariant-subspace theorem (theory 2), each to 1e-12.</summary>
public sealed class TheoremTests
{
    private const int Side = 14;
    private const int Rank = 2;
    private const int Steps = 150;
    private const double StepSize = 0.04;
    private const double Limit = 1e-12;

    public static TheoryData<double[], double> Cases => new()
    {
        { [0.5, 0.5], 0 },
        { [0.5, 0.5], 0.2 },
        { [0.6, 0.3], 0 },
        { [0.4, 0.4, 0.4], 0 },
        { [0.4, 0.4, 0.4], 0.2 },
        { [0.7, 0.4, 0.2], 0 },
        { [0.7, 0.4, 0.2], 0.1 },
        { [0.6, 0.6, 0.6, 0.6], 0 },
        { [0.9, 0.5, 0.7, 0.6], 0 },
        { [0.9, 0.5, 0.7, 0.6], 0.3 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Factor_MovingBlock_EvolvesAsTheSmallProblem(double[] scales, double decay)
    {
        using var setting = new Setting(scales, decay);
        using var start = setting.Start();
        using var subspaces = InvariantSubspaces.Find(start, setting.Objective, Rank);
        var (right, left) = setting.MovingFrames(subspaces);
        using var smallTarget = left.t().mm(setting.Target).mm(right);
        using var smallObjective = new FullObjective(smallTarget);
        foreach (var steps in new[] { 1, 7, Steps })
        {
            using var wide = setting.Start();
            setting.Run(wide, setting.Objective, steps);
            using var small = setting.SmallStart();
            setting.Run(small, smallObjective, steps);
            for (var layer = 0; layer < scales.Length; layer++)
            {
                using var block = subspaces.MovingBlock(layer, wide.Factors[layer]);
                AssertNear(small.Factors[layer], block);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Target_HasNothingInTheFrozenDirections(double[] scales, double decay)
    {
        using var setting = new Setting(scales, decay);
        using var start = setting.Start();
        using var subspaces = InvariantSubspaces.Find(start, setting.Objective, Rank);
        var (right, left) = setting.MovingFrames(subspaces);
        AssertNear(setting.Target, left.mm(left.t()).mm(setting.Target).mm(right).mm(right.t()));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gap_ToTheCompressedRun_IsTheFrozenProduct(double[] scales, double decay)
    {
        using var setting = new Setting(scales, decay);
        var frozen = FrozenBlock.Trajectory(scales, StepSize, decay, Steps);
        foreach (var steps in new[] { 0, 1, 7, Steps })
        {
            using var wide = setting.Start();
            using var compressed = Compression.FromFirstGradient(wide, setting.Objective, Rank);
            setting.Run(wide, setting.Objective, steps);
            setting.Run(compressed, setting.Objective, steps);
            var gap = wide.DistanceTo(compressed);
            Assert.Equal(FrozenBlock.Gap(frozen[steps], Side - (2 * Rank)), gap, Limit);
            Assert.InRange(gap, 0, FrozenBlock.Gap(scales, Side - (2 * Rank)) + Limit);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Loss_IsTheCompressedLossPlusTheFrozenPart(double[] scales, double decay)
    {
        using var setting = new Setting(scales, decay);
        var frozen = FrozenBlock.Trajectory(scales, StepSize, decay, Steps);
        using var wide = setting.Start();
        using var compressed = Compression.FromFirstGradient(wide, setting.Objective, Rank);
        var full = setting.Run(wide, setting.Objective, Steps).Losses;
        var small = setting.Run(compressed, setting.Objective, Steps).Losses;
        for (var step = 0; step <= Steps; step++)
        {
            var gap = FrozenBlock.Gap(frozen[step], Side - (2 * Rank));
            Assert.Equal(full[step].Loss, small[step].Loss + (0.5 * gap * gap), Limit);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Factor_FrozenBlock_FollowsTheRecursion(double[] scales, double decay)
    {
        using var setting = new Setting(scales, decay);
        using var model = setting.Start();
        using var subspaces = InvariantSubspaces.Find(model, setting.Objective, Rank);
        using var recorder = new DynamicsRecorder(new() { FactorSpectra = false }, subspaces);
        setting.Run(model, setting.Objective, Steps, recorder);
        var expected = FrozenBlock.Trajectory(scales, StepSize, decay, Steps);
        foreach (var point in recorder.Trace.Points)
        {
            for (var layer = 0; layer < scales.Length; layer++)
            {
                Assert.Equal(expected[point.Step][layer], point.FrozenScales[layer], Limit);
                Assert.InRange(point.Leaks[layer], 0, Limit);
                var bound = scales[layer] * Math.Pow(1 - (StepSize * decay), point.Step);
                Assert.InRange(point.FrozenScales[layer], 0, bound + Limit);
            }
        }
    }

    [Fact]
    public void Compressed_TooLargeRank_IsStillExact()
    {
        using var setting = new Setting([0.4, 0.4, 0.4], 0);
        using var wide = setting.Start();
        using var compressed = Compression.FromFirstGradient(wide, setting.Objective, Rank + 2);
        setting.Run(wide, setting.Objective, Steps);
        setting.Run(compressed, setting.Objective, Steps);
        var frozen = FrozenBlock.Trajectory(compressed.Inner.Select(_ => 0.4).ToArray(), StepSize, 0, Steps)[^1];
        Assert.Equal(FrozenBlock.Gap(frozen, Side - (2 * (Rank + 2))), wide.DistanceTo(compressed), Limit);
    }

    private static void AssertNear(Tensor expected, Tensor actual) =>
        Assert.InRange((expected - actual).abs().max().item<double>(), 0, Limit);

    private sealed class Setting : IDisposable
    {
        private readonly double[] _scales;
        private readonly double _decay;
        private readonly Seed _seed = Seed.From(11);

        public Setting(double[] scales, double decay)
        {
            (_scales, _decay) = (scales, decay);
            Target = Initialize.LowRank(Side, Side, Rank, _seed.For("target"));
            Target.mul_(0.3);
            Objective = new(Target);
        }

        public Tensor Target { get; }

        public FullObjective Objective { get; }

        public DeepFactorization Start() => DeepFactorization.Create(
            Side, Side, new() { Depth = _scales.Length, InitialScales = _scales }, _seed.For("model"));

        public DeepFactorization SmallStart() => DeepFactorization.FromFactors(
            [.. _scales.Select(scale => scale * eye(2 * Rank, dtype: float64))]);

        public (Tensor Right, Tensor Left) MovingFrames(InvariantSubspaces subspaces) =>
            (subspaces.Bases[0].narrow(1, 0, 2 * Rank), subspaces.Bases[^1].narrow(1, 0, 2 * Rank));

        public FitResult Run(MatrixModel model, Objective objective, int steps, DescentObserver? observer = null) =>
            new GradientDescent(new()
            {
                StepSize = StepSize,
                WeightDecay = _decay,
                OuterRate = 0,
                MaxSteps = steps,
                CheckEvery = 1,
                Tolerance = 0,
            }).Fit(model, objective, observer, TestContext.Current.CancellationToken);

        public void Dispose()
        {
            Target.Dispose();
            Objective.Dispose();
        }
    }
}
