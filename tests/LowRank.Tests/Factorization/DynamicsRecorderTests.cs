using LowRank.Factorization;
using LowRank.Tensors;

namespace LowRank.Tests.Factorization;

public sealed class DynamicsRecorderTests
{
    private static readonly Seed Start = Seed.From(4);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Trace_PaperSetting_MiddleStaysAndEndsMove()
    {
        // The setting of the paper's picture of one factor: initial scale 1, step 1 on the mean, 50 steps.
        using var target = Initialize.LowRank(30, 30, 3, Start.For("target"));
        using var objective = new FullObjective(target, LossScale.MeanOfEntries);
        using var model = DeepFactorization.Create(30, 30, new() { InitialScale = 1 }, Start.For("model"));
        using var recorder = new DynamicsRecorder(new() { AngleRank = 3, ProductSpectrum = false });
        new GradientDescent(new() { StepSize = 1, MaxSteps = 50 }).Fit(model, objective, recorder, Token);
        var points = recorder.Trace.Points;
        Assert.Equal(Enumerable.Range(0, 51), points.Select(point => point.Step));
        var frozen = FrozenBlock.Trajectory([1, 1, 1], 1.0 / 900, 0, 50)[^1][0];
        Assert.Equal(0.95096, frozen, 1e-5);
        var values = points[^1].FactorSpectra[0];
        Assert.All(values.Skip(3).Take(24), value => Assert.Equal(frozen, value, 1e-12));
        Assert.All(values.Take(3), value => Assert.InRange(value, 1.2, 1.6));
        Assert.All(values.Skip(27), value => Assert.InRange(value, 0.7, 0.9));
        Assert.Empty(points[0].LeftAngles);
        Assert.All(points[1].RightAngles[0], angle => Assert.Equal(0, angle, 1e-10));
        var right = points[^1].RightAngles[0];
        Assert.Equal(7, right.Count);
        Assert.InRange(right[3], 0, 4e-8);
        Assert.All([right[0], right[1], right[2], right[4], right[5], right[6]], angle => Assert.True(angle > 0.05));
    }

    [Fact]
    public void Trace_Every_RecordsThoseSteps()
    {
        using var objective = new FullObjective(Initialize.LowRank(6, 5, 1, Start));
        using var model = DeepFactorization.Create(6, 5, new() { InitialScale = 0.5 }, Start);
        using var recorder = new DynamicsRecorder(new() { Every = 4 });
        var result = new GradientDescent(new() { CheckEvery = 3, MaxSteps = 9, Tolerance = 0 }).Fit(
            model, objective, recorder, Token);
        Assert.Equal([0, 4, 8], recorder.Trace.Points.Select(point => point.Step));
        Assert.Equal([0, 3, 6, 9], result.Losses.Select(point => point.Step));
        var start = recorder.Trace.Points[0];
        Assert.Equal(result.Losses[0].Loss, start.Loss);
        Assert.Equal(5, start.EffectiveRank, 1e-9);
        Assert.Equal([5, 6, 6], start.FactorSpectra.Select(values => values.Count));
        Assert.Empty(start.FrozenScales);
    }

    [Fact]
    public void Leak_MaskedLoss_IsNotZero()
    {
        using var target = Initialize.LowRank(20, 20, 2, Start);
        using var mask = Initialize.Mask(20, 20, 0.5, Start);
        using var objective = new MaskedObjective(target, mask);
        using var model = DeepFactorization.Create(20, 20, new() { InitialScale = 0.5 }, Start);
        using var subspaces = InvariantSubspaces.Find(model, objective, 2);
        Assert.Equal(16, subspaces.FrozenCount);
        Assert.InRange(subspaces.Leak(0, model.Factors[0]), 0, 1e-12);
        new GradientDescent(new() { StepSize = 0.05, MaxSteps = 50 }).Fit(model, objective, cancellation: Token);
        Assert.True(subspaces.Leak(0, model.Factors[0]) > 1e-3);
    }

    [Fact]
    public void Faults_NamedWithGotAndWanted()
    {
        using var objective = new FullObjective(Initialize.LowRank(6, 5, 1, Start));
        using var model = DeepFactorization.Create(6, 5, new(), Start);
        Assert.Contains("Every: got 0", Message(() => new DynamicsRecorder(new() { Every = 0 })));
        Assert.Contains("wanted all square", Message(() => InvariantSubspaces.Find(model, objective, 1)));
        using var recorder = new DynamicsRecorder(new() { AngleRank = 3 });
        Assert.Contains("AngleRank: got 3", Message(() =>
        {
            recorder.Observe(1, 0, model);
            return recorder;
        }));

        static string Message(Func<object> action) => Assert.ThrowsAny<ArgumentException>(action).Message;
    }
}
