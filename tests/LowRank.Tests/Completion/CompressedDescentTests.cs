using LowRank.Completion;
using LowRank.Factorization;
using LowRank.Tensors;

namespace LowRank.Tests.Completion;

/// <summary>The paper's descent on sparse data: same law as on dense tensors, small settings.</summary>
public sealed class CompressedDescentTests
{
    private const int Size = 60;
    private static readonly SyntheticRatings Truth =
        SyntheticRatings.Create(new() { Rows = Size, Columns = Size, Rank = 2, Entries = Size * Size / 2 }, Seed.From(11));

    [Fact]
    public void Fit_SmallGamma_RecoversWithTheAutomaticStep()
    {
        var model = Fit(new() { Gamma = 0.01 });
        Assert.Equal(StopReason.ToleranceReached, model.Report.StopReason);
        Assert.True(RecoveryError(model) < 1e-8, $"{RecoveryError(model)}");
    }

    [Fact]
    public void Fit_FrozenOuterFactors_StallsFarFromTheTruth()
    {
        var model = Fit(new() { Gamma = 0, MaxSteps = 20_000 });
        Assert.Equal(StopReason.StepLimit, model.Report.StopReason);
        Assert.True(RecoveryError(model) > 1e-3, $"{RecoveryError(model)}");
    }

    [Fact]
    public void Fit_StepFarTooLarge_ReportsDivergenceAndStaysFinite()
    {
        var model = Fit(new() { StepSize = 100 });
        Assert.Equal(StopReason.Diverged, model.Report.StopReason);
        Assert.True(double.IsFinite(model.Predict(0, 0)));
        Assert.True(double.IsFinite(model.Report.TrainLoss));
    }

    [Fact]
    public void Fit_Narrow_NeedsMoreStepsThanCompressed()
    {
        var compressed = Fit(new());
        var narrow = Fit(new() { Start = DescentStart.Narrow });
        Assert.Equal(StopReason.ToleranceReached, narrow.Report.StopReason);
        Assert.True(
            narrow.Report.Steps > 1.5 * compressed.Report.Steps,
            $"narrow {narrow.Report.Steps}, compressed {compressed.Report.Steps}");
    }

    [Fact]
    public void Fit_OneStep_EqualsTheDenseStepOfTheFactorizationRoom()
    {
        // Both rooms step from the same compressed start: their products agree to rounding.
        var method = new CompressedDescent { StepSize = 1e-2, MaxSteps = 400, InitialScale = 0.3, Tolerance = 0 };
        var start = Fit(method with { StepSize = 1e-300, MaxSteps = 1 });
        var sparse = Fit(method);
        using var dense = ToDense(start);
        using var target = TorchSharp.torch.tensor(Cells((i, j) => Truth.Truth(i, j)), [Size, Size]);
        using var mask = TorchSharp.torch.tensor(Mask(), [Size, Size]);
        using var objective = new MaskedObjective(target, mask);
        new GradientDescent(new() { StepSize = 1e-2, OuterRate = 0.01, MaxSteps = 400, Tolerance = 0 })
            .Fit(dense, objective, cancellation: TestContext.Current.CancellationToken);
        using var product = dense.Product();
        var expected = product.data<double>().ToArray();
        for (var k = 0; k < expected.Length; k++)
        {
            Assert.Equal(expected[k], sparse.Predict(k / Size, k % Size), 1e-8);
        }
    }

    [Fact]
    public void Fit_CancelledAndResumed_EqualsUninterrupted()
    {
        var method = new CompressedDescent { StepSize = 1e-2, InitialScale = 0.1, MaxSteps = 600, Tolerance = 0 };
        var whole = Fit(method);
        var half = Fit(method with { MaxSteps = 300 });
        var resumed = new MatrixCompletion(Options(method with { MaxSteps = 300 })).Fit(Truth.Observed, from: half, stop: TestContext.Current.CancellationToken);
        Assert.Equal(600, resumed.Report.Steps);
        for (var i = 0; i < Size; i++)
        {
            Assert.Equal(whole.Predict(i, 7), resumed.Predict(i, 7));
        }
    }

    private static MatrixCompletionOptions Options(CompressedDescent method) =>
        new() { Rank = 2, Biases = false, Clamp = false, Validation = 0, Method = method, Threads = 2 };

    private static CompletionModel Fit(CompressedDescent method) =>
        new MatrixCompletion(Options(method)).Fit(Truth.Observed, stop: TestContext.Current.CancellationToken);

    private static double RecoveryError(CompletionModel model) =>
        Cells((i, j) => model.Predict(i, j) - Truth.Truth(i, j)).Average(e => e * e / 2);

    private static double[] Cells(Func<int, int, double> value) =>
        [.. Enumerable.Range(0, Size * Size).Select(k => value(k / Size, k % Size))];

    private static bool[] Mask()
    {
        var mask = new bool[Size * Size];
        for (var k = 0; k < Truth.Observed.Count; k++)
        {
            mask[(Truth.Observed.Rows[k] * Size) + Truth.Observed.Columns[k]] = true;
        }

        return mask;
    }

    private static CompressedFactorization ToDense(CompletionModel model)
    {
        var factors = model.Factors;
        TorchSharp.torch.Tensor Tall(LowRank.Completion.Kernels.Tall<double> tall) => TorchSharp.torch.tensor(
            Enumerable.Range(0, tall.Rows).SelectMany(i => tall.Row(i).ToArray()).ToArray(), [tall.Rows, tall.Width]);
        using var left = Tall(factors.Left);
        using var right = Tall(factors.Right);
        var cores = factors.Cores.Select(core => TorchSharp.torch.tensor(core, [factors.Width, factors.Width])).ToArray();
        return CompressedFactorization.FromFactors([right.t().contiguous(), .. cores, left.clone()]);
    }
}
