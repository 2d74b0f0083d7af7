using LowRank.Factorization;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Tests.Factorization;

/// <summary>The reference runs of tests/golden/dynamics, step by step.</summary>
public sealed class GoldenDynamicsTests
{
    [Theory]
    [InlineData("factorization")]
    [InlineData("completion")]
    public void Fit_FullModel_LossOfEachStepAsReference(string name)
    {
        var golden = new DynamicsGolden(name);
        using var model = golden.Model();
        using var objective = golden.Objective();
        var result = new GradientDescent(golden.Options(0)).Fit(
            model, objective, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(StopReason.StepLimit, result.StopReason);
        AssertClose(golden.FullLoss, [.. result.Losses.Select(point => point.Loss)]);
        foreach (var (factor, expected) in model.Factors.Zip(golden.Spectra(golden.Steps)))
        {
            AssertNear(expected, Spectrum.SingularValues(factor), 1e-9);
        }
    }

    [Theory]
    [InlineData("factorization", "0.0")]
    [InlineData("completion", "0.0")]
    [InlineData("completion", "0.01")]
    [InlineData("completion", "0.1")]
    [InlineData("completion", "1.0")]
    public void Fit_CompressedModel_LossOfEachStepAsReference(string name, string outerRate)
    {
        var golden = new DynamicsGolden(name);
        using var start = golden.Model();
        using var objective = golden.Objective();
        using var model = Compression.FromFirstGradient(start, objective, golden.Rank);
        var rate = double.Parse(outerRate, System.Globalization.CultureInfo.InvariantCulture);
        var result = new GradientDescent(golden.Options(rate)).Fit(
            model, objective, cancellation: TestContext.Current.CancellationToken);
        AssertClose(golden.CompressedLoss(outerRate), [.. result.Losses.Select(point => point.Loss)]);
        AssertNear(golden.CompressedEnd(outerRate), model.Product(), 1e-9);
        Assert.Equal(golden.CompressedRecovery(outerRate), RelativeError(model, golden.Matrix("Phi")), 1e-9);
    }

    [Theory]
    [InlineData("factorization")]
    [InlineData("completion")]
    public void FromFirstGradient_Start_ProjectorsAsReference(string name)
    {
        var golden = new DynamicsGolden(name);
        using var start = golden.Model();
        using var objective = golden.Objective();
        using var model = Compression.FromFirstGradient(start, objective, golden.Rank);
        AssertNear(golden.Matrix("right_projector_V11"), model.Right.t().mm(model.Right), 1e-9);
        AssertNear(golden.Matrix("left_projector_UL1"), model.Left.mm(model.Left.t()), 1e-9);
    }

    [Fact]
    public void Fit_CompletionWithFrozenOuterFactors_DoesNotRecover()
    {
        var golden = new DynamicsGolden("completion");
        Assert.True(golden.CompressedRecovery("0.0") > 0.4);
        Assert.True(golden.CompressedRecovery("0.1") < 0.005);
    }

    [Fact]
    public void Trajectory_Factorization_AsReference()
    {
        var golden = new DynamicsGolden("factorization");
        var expected = golden.Rho;
        var actual = FrozenBlock.Trajectory(expected[0], golden.StepSize, 0, golden.Steps);
        for (var step = 0; step < expected.Length; step++)
        {
            AssertNear(expected[step], actual[step], 1e-14);
        }
    }

    private static double RelativeError(MatrixModel model, Tensor target) =>
        ((model.Product() - target).norm() / target.norm()).item<double>();

    private static void AssertClose(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var step = 0; step < expected.Length; step++)
        {
            Assert.True(
                Math.Abs(actual[step] - expected[step]) <= 1e-9 * expected[step],
                $"Step {step}: got {actual[step]:r}; wanted {expected[step]:r}.");
        }
    }

    private static void AssertNear(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], tolerance);
        }
    }

    private static void AssertNear(Tensor expected, Tensor actual, double tolerance) =>
        Assert.InRange((expected - actual).abs().max().item<double>(), 0, tolerance);
}
