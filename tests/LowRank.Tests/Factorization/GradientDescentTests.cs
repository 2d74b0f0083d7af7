using LowRank.Factorization;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Tests.Factorization;

public sealed class GradientDescentTests
{
    private static readonly Seed Start = Seed.From(0);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Options_Defaults_ArePinned()
    {
        var options = new DescentOptions();
        Assert.Equal((0.01, DescentRule.Plain), (options.StepSize, options.Rule));
        Assert.Equal((0.0, 0.01), (options.WeightDecay, options.OuterRate));
        Assert.Equal((100_000, 100, 1e-10), (options.MaxSteps, options.CheckEvery, options.Tolerance));
        Assert.Equal((0.9, 0.9), (options.Momentum, options.AdamMeanDecay));
        Assert.Equal((0.999, 1e-8), (options.AdamSquareDecay, options.AdamFloor));
    }

    [Theory]
    [InlineData(DescentRule.Plain, 0.02, 1e-10)]
    [InlineData(DescentRule.Momentum, 0.005, 1e-10)]
    [InlineData(DescentRule.Adam, 0.003, 1e-3)] // A constant step keeps Adam swinging around the end.
    public void Fit_EachRule_ReachesTheTolerance(DescentRule rule, double stepSize, double tolerance)
    {
        using var objective = new FullObjective(Initialize.LowRank(15, 10, 2, Start));

        // The start's frozen part keeps a loss of about 3·ε⁶, which must lie below the tolerance.
        using var model = DeepFactorization.Create(15, 10, new() { InitialScale = 0.01 }, Start);
        var options = new DescentOptions { Rule = rule, StepSize = stepSize, MaxSteps = 20_000, Tolerance = tolerance };
        var result = new GradientDescent(options).Fit(model, objective, cancellation: Token);
        Assert.Equal(StopReason.ToleranceReached, result.StopReason);
        Assert.InRange(result.FinalLoss, 0, tolerance);
        Assert.Equal(result.Steps, result.Losses[^1].Step);
        Assert.Equal(result.FinalLoss, result.Losses[^1].Loss);
        Assert.InRange(result.Losses[^1].Seconds, 0, result.Elapsed.TotalSeconds);
    }

    [Fact]
    public void Fit_Momentum_TwoStepsByHand()
    {
        // Scalars: w2·w1 towards 3, from 1 and 2.
        using var objective = new FullObjective(Scalar(3));
        using var model = DeepFactorization.FromFactors(Scalar(1), Scalar(2));
        var options = new DescentOptions { Rule = DescentRule.Momentum, Momentum = 0.5, StepSize = 0.1, MaxSteps = 2 };
        new GradientDescent(options with { WeightDecay = 0.2 }).Fit(model, objective, cancellation: Token);
        var (first, second, firstSpeed, secondSpeed) = (1.0, 2.0, 0.0, 0.0);
        for (var step = 0; step < 2; step++)
        {
            var residual = (second * first) - 3;
            firstSpeed = (0.5 * firstSpeed) + (second * residual);
            secondSpeed = (0.5 * secondSpeed) + (first * residual);
            (first, second) = ((0.98 * first) - (0.1 * firstSpeed), (0.98 * second) - (0.1 * secondSpeed));
        }

        Assert.Equal(first, model.Factors[0].item<double>(), 1e-14);
        Assert.Equal(second, model.Factors[1].item<double>(), 1e-14);
    }

    [Fact]
    public void Fit_Adam_FirstStepIsTheStepSize()
    {
        using var objective = new FullObjective(Scalar(3));
        using var model = DeepFactorization.FromFactors(Scalar(1), Scalar(2));
        new GradientDescent(new() { Rule = DescentRule.Adam, StepSize = 0.1, MaxSteps = 1 })
            .Fit(model, objective, cancellation: Token);
        Assert.Equal(1.1, model.Factors[0].item<double>(), 1e-8);
        Assert.Equal(2.1, model.Factors[1].item<double>(), 1e-8);
    }

    [Fact]
    public void Fit_CheckEvery_MeasuresStartMultiplesAndEnd()
    {
        using var objective = new FullObjective(Initialize.LowRank(6, 6, 2, Start));
        using var model = DeepFactorization.Create(6, 6, new() { InitialScale = 0.3 }, Start);
        var result = new GradientDescent(new() { CheckEvery = 4, MaxSteps = 10 }).Fit(
            model, objective, cancellation: Token);
        Assert.Equal(StopReason.StepLimit, result.StopReason);
        Assert.Equal([0, 4, 8, 10], result.Losses.Select(point => point.Step));
    }

    [Fact]
    public void Fit_NoSteps_MeasuresTheStart()
    {
        using var objective = new FullObjective(zeros(3, 3, dtype: float64));
        using var model = DeepFactorization.Create(3, 3, new() { InitialScale = 0.5 }, Start);
        var limited = new GradientDescent(new() { MaxSteps = 0 }).Fit(model, objective, cancellation: Token);
        Assert.Equal((StopReason.StepLimit, 0), (limited.StopReason, limited.Steps));
        var reached = new GradientDescent(new() { Tolerance = 10 }).Fit(model, objective, cancellation: Token);
        Assert.Equal((StopReason.ToleranceReached, 0), (reached.StopReason, reached.Steps));
    }

    [Fact]
    public void Fit_TooLargeStep_IsDivergedWithFiniteLosses()
    {
        using var objective = new FullObjective(Initialize.LowRank(8, 8, 2, Start));
        using var model = DeepFactorization.Create(8, 8, new() { InitialScale = 0.5 }, Start);
        var result = new GradientDescent(new() { StepSize = 5, CheckEvery = 1 }).Fit(
            model, objective, cancellation: Token);
        Assert.Equal(StopReason.Diverged, result.StopReason);
        Assert.All(result.Losses, point => Assert.True(double.IsFinite(point.Loss)));
        Assert.Equal(result.Losses[^1].Loss, result.FinalLoss);
    }

    [Fact]
    public void Fit_Cancelled_KeepsTheFactorsOfThatStep()
    {
        using var source = new CancellationTokenSource();
        using var objective = new FullObjective(Initialize.LowRank(6, 6, 2, Start));
        using var model = DeepFactorization.Create(6, 6, new() { InitialScale = 0.3 }, Start);
        using var twin = DeepFactorization.FromFactors(model.Factors);
        var result = new GradientDescent(new()).Fit(model, objective, new CancelAt(7, source), source.Token);
        Assert.Equal((StopReason.Cancelled, 8), (result.StopReason, result.Steps));
        Assert.Equal(8, result.Losses[^1].Step);
        new GradientDescent(new() { MaxSteps = 8 }).Fit(twin, objective, cancellation: Token);
        Assert.Equal(0, model.DistanceTo(twin));
    }

    [Theory]
    [InlineData(0.01, 15_400)]
    [InlineData(0.1, 14_600)]
    public void Fit_Completion200_IterationsWithinTenPercentOfTheReferenceRun(double outerRate, int iterations)
    {
        var result = Complete(outerRate, 20_000);
        Assert.Equal(StopReason.ToleranceReached, result.StopReason);
        Assert.InRange(result.Steps, 0.9 * iterations, 1.1 * iterations);
    }

    [Fact]
    public void Fit_Completion200OuterRateOne_IsDiverged()
    {
        var result = Complete(1, 30_000);
        Assert.Equal(StopReason.Diverged, result.StopReason);
        Assert.True(double.IsFinite(result.FinalLoss));
    }

    [Fact]
    public void Faults_AllListedWithGotAndWanted()
    {
        using var objective = new FullObjective(ones(2, 3, dtype: float64));
        using var fits = DeepFactorization.Create(2, 3, new(), Start);
        using var other = DeepFactorization.Create(3, 2, new(), Start);
        var options = new DescentOptions { StepSize = 0, Momentum = 1, CheckEvery = 0 };
        var message = Message(() => new GradientDescent(options).Fit(fits, objective));
        Assert.Contains("StepSize: got 0; wanted a finite number > 0.", message);
        Assert.Contains("Momentum: got 1; wanted 0 to below 1.", message);
        Assert.Contains("CheckEvery: got 0; wanted at least 1.", message);
        Assert.Contains(
            "objective: got one for [2, 3]; wanted [3, 2]",
            Message(() => new GradientDescent(new()).Fit(other, objective)));

        static string Message(Action action) => Assert.ThrowsAny<ArgumentException>(action).Message;
    }

    private static Tensor Scalar(double value) => full(1, 1, value, dtype: float64);

    // The setting of "bench gamma": 200 × 200 of rank 5 from 30 % of its entries.
    private static FitResult Complete(double outerRate, int steps)
    {
        const int Side = 200;
        using var target = Initialize.LowRank(Side, Side, 5, Start.For("target"));
        using var mask = Initialize.Mask(Side, Side, 0.3, Start.For("mask"));
        using var objective = new MaskedObjective(target, mask, LossScale.MeanOfEntries);
        using var wide = DeepFactorization.Create(Side, Side, new(), Start.For("model"));
        using var small = Compression.FromFirstGradient(wide, objective, 5);
        return new GradientDescent(new() { StepSize = 400, OuterRate = outerRate, MaxSteps = steps }).Fit(
            small, objective, cancellation: Token);
    }

    private sealed class CancelAt(int step, CancellationTokenSource source) : DescentObserver
    {
        public override bool Wants(int taken) => taken == step;

        public override void Observe(int taken, double loss, MatrixModel model) => source.Cancel();
    }
}
