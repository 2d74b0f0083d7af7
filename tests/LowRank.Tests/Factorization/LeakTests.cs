using LowRank.Factorization;
using LowRank.Tensors;
using LowRank.Testing;
using static TorchSharp.torch;

namespace LowRank.Tests.Factorization;

/// <summary>Every public operation leaves the number of live tensors as it was.</summary>
public sealed class LeakTests
{
    private static readonly Seed Start = Seed.From(1);

    [Fact]
    public void Fit_EachRuleAndModel_Closed() => LeakGate.Closed(() =>
    {
        using var target = Initialize.LowRank(12, 9, 2, Start);
        using var mask = Initialize.Mask(12, 9, 0.8, Start);
        using var objective = new MaskedObjective(target, mask);
        using var model = DeepFactorization.Create(12, 9, new() { InitialScale = 0.3 }, Start);
        using var small = Compression.FromFirstGradient(model, objective, 2);
        foreach (var rule in Enum.GetValues<DescentRule>())
        {
            using var recorder = new DynamicsRecorder(new() { AngleRank = 1 });
            var descent = new GradientDescent(new() { Rule = rule, MaxSteps = 5, CheckEvery = 2, WeightDecay = 0.1 });
            descent.Fit(model, objective, recorder, TestContext.Current.CancellationToken);
            descent.Fit(small, objective, cancellation: TestContext.Current.CancellationToken);
        }

        model.DistanceTo(small);
    });

    [Fact]
    public void Fit_InsideAScope_ModelsOutliveItUntilDisposed()
    {
        DeepFactorization model;
        FullObjective objective;
        using (NewDisposeScope())
        {
            objective = new(Initialize.LowRank(5, 5, 1, Start));
            model = DeepFactorization.Create(5, 5, new() { InitialScale = 0.5 }, Start);
        }

        using (model)
        using (objective)
        {
            var result = new GradientDescent(new() { MaxSteps = 3 }).Fit(
                model, objective, cancellation: TestContext.Current.CancellationToken);
            Assert.Equal(3, result.Steps);
        }
    }

    [Fact]
    public void Objectives_Closed() => LeakGate.Closed(() =>
    {
        using var operators = Initialize.Gaussian(4, 6, Start);
        using var stacked = operators.view(4, 2, 3);
        using var measured = ones(4, dtype: float64);
        using var sensing = new SensingObjective(stacked, measured);
        using var product = ones(2, 3, dtype: float64);
        using var full = new FullObjective(product);
        foreach (var objective in new Objective[] { sensing, full })
        {
            objective.Loss(product);
            objective.Gradient(product).Dispose();
        }
    });

    [Fact]
    public void Compression_EachForm_Closed() => LeakGate.Closed(() =>
    {
        foreach (var (rows, columns) in new[] { (20, 20), (12, 20), (20, 12) })
        {
            using var target = Initialize.LowRank(rows, columns, 2, Start);
            using var objective = new FullObjective(target);
            using var model = DeepFactorization.Create(rows, columns, new(), Start);
            using var map = Initialize.SemiOrthogonal(rows, columns, Start);
            Compression.FromFirstGradient(model, objective, 2).Dispose();
            Compression.FromProductGradient(target, map, 2).Dispose();
            Compression.FromProductGradient(target, 2, Start).Dispose();
        }
    });

    [Fact]
    public void InvariantSubspaces_Closed() => LeakGate.Closed(() =>
    {
        using var target = Initialize.LowRank(8, 8, 1, Start);
        using var objective = new FullObjective(target);
        using var model = DeepFactorization.Create(8, 8, new(), Start);
        using var subspaces = InvariantSubspaces.Find(model, objective, 1);
        subspaces.MovingBlock(0, model.Factors[0]).Dispose();
        subspaces.FrozenScale(0, model.Factors[0]);
        subspaces.Leak(0, model.Factors[0]);
    });

    [Fact]
    public void Spectrum_Closed() => LeakGate.Closed(() =>
    {
        using var matrix = Initialize.LowRank(150, 140, 3, Start);
        using var noise = Initialize.Uniform(150, 140, Start, -1, 1);
        Spectrum.Top(matrix, 3).Dispose();
        Spectrum.Top(noise, 30).Dispose();
        using var frame = Initialize.SemiOrthogonal(150, 3, Start);
        Spectrum.PrincipalAngles(frame, frame);
        Spectrum.SingularValues(matrix);
    });
}
