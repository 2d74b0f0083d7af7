using LowRank.Adapters;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Testing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Tests.Training;

public sealed class FlatAdamWTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void Step_ManyTensors_EqualsTorchsAdamW(double decay)
    {
        var (mine, theirs) = (Parameters(), Parameters());
        using var optimizer = new FlatAdamW(
            [.. mine.Select((parameter, i) => new AdapterParameter($"p{i}", parameter, 1, i == 2))],
            new AdamWOptions { WeightDecay = decay, Beta2 = 0.99, Epsilon = 1e-6 });
        using var reference = optim.AdamW(theirs, 0.05, 0.9, 0.99, 1e-6, decay);
        for (var step = 0; step < 20; step++)
        {
            using var scope = NewDisposeScope();
            Loss(mine).backward();
            Loss(theirs).backward();
            optimizer.Step(0.05, 0.05);
            reference.step();
            reference.zero_grad();
        }

        foreach (var (expected, actual) in theirs.Zip(mine))
        {
            using var scope = NewDisposeScope();
            Assert.True((expected - actual).abs().max().ToDouble() < 1e-6);
        }
    }

    [Fact]
    public void Step_RatesAndRatios_ReachTheirParameters()
    {
        var parameters = Parameters();
        using var optimizer = new FlatAdamW(
        [
            new("inner", parameters[0], 1, false),
            new("outer", parameters[1], 0.01, false),
            new("head", parameters[2], 1, true),
        ]);
        using var scope = NewDisposeScope();
        var before = parameters.Select(parameter => parameter.detach().clone()).ToArray();
        Loss(parameters).backward();
        optimizer.Step(0.1, 0.003);

        // The first step of Adam is the rate in every entry.
        double Moved(int i) => (parameters[i] - before[i]).abs().max().ToDouble();
        Assert.Equal(0.1, Moved(0), 1e-5);
        Assert.Equal(0.001, Moved(1), 1e-6);
        Assert.Equal(0.003, Moved(2), 1e-6);
    }

    [Fact]
    public void Step_AboveTheNorm_IsClippedLikeTorch()
    {
        var (mine, theirs) = (Parameters(), Parameters());
        using var optimizer = new FlatAdamW(
            [.. mine.Select((parameter, i) => new AdapterParameter($"p{i}", parameter, 1, false))],
            new AdamWOptions { Epsilon = 1 });
        using var reference = optim.AdamW(theirs, 0.05, 0.9, 0.999, 1, 0);
        using var scope = NewDisposeScope();
        Loss(mine).backward();
        Loss(theirs).backward();
        var expected = nn.utils.clip_grad_norm_(theirs, 0.3);
        Assert.Equal(expected, optimizer.Step(0.05, 0.05, 0.3), 1e-4);
        reference.step();
        foreach (var (a, b) in theirs.Zip(mine))
        {
            Assert.True((a - b).abs().max().ToDouble() < 1e-6);
        }

        Assert.All(mine, parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void Step_Always_LeavesNoTensorBehind()
    {
        var parameters = Parameters();
        using var optimizer = new FlatAdamW(
            [.. parameters.Select((p, i) => new AdapterParameter($"p{i}", p, 1, false))]);
        LeakGate.Closed(() =>
        {
            for (var i = 0; i < 5; i++)
            {
                using var scope = NewDisposeScope();
                Loss(parameters).backward();
                optimizer.Step(0.1, 0.1, 1);
            }
        });
        Assert.Equal(5, optimizer.Steps);
    }

    [Fact]
    public void Constructor_NothingToTrain_Throws() => Assert.Throws<ArgumentException>(() => new FlatAdamW([]));

    private static Parameter[] Parameters() =>
    [
        .. new[] { ("a", 3L, 4L), ("b", 5L, 2L), ("c", 2L, 2L) }.Select(shape => new Parameter(
            Initialize.Gaussian(shape.Item2, shape.Item3, Seed.From(1).For(shape.Item1), dtype: ScalarType.Float32))),
    ];

    private static Tensor Loss(Parameter[] p) =>
        ((p[0] - 2).pow(2).sum() * 3) + p[1].sin().sum() + (p[2] * 0.1).exp().sum();
}
