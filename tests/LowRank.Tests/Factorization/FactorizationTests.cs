using LowRank.Factorization;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Tests.Factorization;

public sealed class FactorizationTests
{
    private static readonly Seed Start = Seed.From(2);

    [Fact]
    public void Create_Defaults_ArePinned()
    {
        var options = new FactorizationOptions();
        Assert.Equal((3, null), (options.Depth, options.Width));
        Assert.Equal((1e-3, null), (options.InitialScale, options.InitialScales));
        Assert.Equal(ScalarType.Float64, options.Dtype);
        using var model = DeepFactorization.Create(4, 7, options, Start);
        Assert.Equal((4, 7, 3), (model.Rows, model.Columns, model.Depth));
        Assert.Equal([7, 7], model.Factors[1].shape);
        Assert.Equal((7 * 7) + (7 * 7) + (4 * 7), model.ParameterCount);
    }

    [Theory]
    [InlineData(5, 5, 2, 5)]
    [InlineData(3, 8, 4, 2)]
    [InlineData(8, 3, 3, 20)]
    [InlineData(1, 1, 2, 1)]
    public void Create_AnyShape_FactorsAreScaledSemiOrthogonal(long rows, long columns, int depth, long width)
    {
        double[] scales = [.. Enumerable.Range(1, depth).Select(layer => 0.1 * layer)];
        using var model = DeepFactorization.Create(
            rows, columns, new() { Depth = depth, Width = width, InitialScales = scales }, Start);
        for (var layer = 0; layer < depth; layer++)
        {
            var values = Spectrum.SingularValues(model.Factors[layer]);
            Assert.All(values, value => Assert.Equal(scales[layer], value, 1e-12));
        }

        using var product = model.Product();
        Assert.Equal([rows, columns], product.shape);
    }

    [Theory]
    [InlineData(2, 5)]
    [InlineData(5, 2)]
    public void Product_AnyShape_IsTheChainFromTheLeft(long rows, long columns)
    {
        using var model = DeepFactorization.Create(rows, columns, new() { InitialScale = 1 }, Start);
        using var product = model.Product();
        using var expected = model.Factors[2].mm(model.Factors[1]).mm(model.Factors[0]);
        Assert.InRange((product - expected).abs().max().item<double>(), 0, 1e-14);
    }

    [Fact]
    public void Create_SinglePrecision_TrainsInIt()
    {
        using var target = Initialize.LowRank(12, 9, 2, Start, ScalarType.Float32);
        using var objective = new FullObjective(target);
        using var model = DeepFactorization.Create(
            12, 9, new() { Dtype = ScalarType.Float32, InitialScale = 0.02 }, Start);
        var result = new GradientDescent(new() { StepSize = 0.02, Tolerance = 1e-8, MaxSteps = 5000 }).Fit(
            model, objective, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(ScalarType.Float32, model.Factors[0].dtype);
        Assert.Equal(StopReason.ToleranceReached, result.StopReason);
    }

    [Fact]
    public void FromFactors_Given_AreCopied()
    {
        using var first = ones(2, 3, dtype: float64);
        using var second = ones(4, 2, dtype: float64);
        using var model = DeepFactorization.FromFactors(first, second);
        first.fill_(5);
        Assert.Equal(2, model.Product()[0, 0].item<double>());
        Assert.Equal((4, 3), (model.Rows, model.Columns));
    }

    [Fact]
    public void CompressedCreate_Parts_AreNamed()
    {
        using var outer = new OuterFactors(ones(5, 2, dtype: float64), ones(2, 4, dtype: float64));
        using var model = CompressedFactorization.Create(outer, 0.5, 0.25);
        Assert.Equal((2, 2, 5, 4), (model.Depth, model.Width, model.Rows, model.Columns));
        Assert.Equal([5, 2], model.Left.shape);
        Assert.Equal([2, 4], model.Right.shape);
        Assert.Equal([0.5, 0.25], model.Inner.Select(inner => inner[0, 0].item<double>()));
        Assert.Equal((5 * 2) + (2 * 4) + (2 * 4), model.ParameterCount);
    }

    [Fact]
    public void Faults_AllListedWithGotAndWanted()
    {
        var options = new FactorizationOptions { Depth = 1, Width = 0, InitialScale = -1 };
        var message = Message(() => DeepFactorization.Create(3, 3, options, Start));
        Assert.Contains("Depth: got 1; wanted at least 2.", message);
        Assert.Contains("Width: got 0; wanted at least 1, or null.", message);
        Assert.Contains("InitialScale: got -1; wanted a finite number > 0.", message);
        Assert.Contains(
            "InitialScales: got 2; wanted 3 numbers",
            Message(() => DeepFactorization.Create(3, 3, new() { InitialScales = [1, 1] }, Start)));
        using var tall = ones(3, 2, dtype: float64);
        Assert.Contains(
            "factors[1]: got shape [3, 2]; wanted a matrix [any, 3].",
            Message(() => DeepFactorization.FromFactors(tall, tall)));
        Assert.Contains(
            "factors: got 1 matrices; wanted at least 2.", Message(() => DeepFactorization.FromFactors(tall)));
        using var single = ones(2, 3);
        Assert.Contains("factors[1]: got Float32", Message(() => DeepFactorization.FromFactors(tall, single)));

        static string Message(Action action) => Assert.ThrowsAny<ArgumentException>(action).Message;
    }
}
