using LowRank.Factorization;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Tests.Factorization;

public sealed class CompressionTests
{
    private const int Rank = 2;
    private static readonly Seed Start = Seed.From(5);

    [Theory]
    [InlineData(30, 2, 1.0)]
    [InlineData(30, 3, 1.0)]
    [InlineData(30, 3, 0.4)]
    [InlineData(150, 3, 0.5)]
    public void FromFirstGradient_Square_SubspacesOfTheNullspaceOracle(int side, int depth, double observed)
    {
        using var objective = Problem(side, side, observed);
        using var model = DeepFactorization.Create(side, side, new() { Depth = depth }, Start);
        using var compressed = Compression.FromFirstGradient(model, objective, Rank);
        using var oracle = NullspaceOracle.RightFrame(model, objective, Rank);
        using var image = model.Product().mm(oracle) / Math.Pow(1e-3, depth);
        AssertNear(Projector(oracle), Projector(compressed.Right.t()), 1e-9);
        AssertNear(Projector(image), Projector(compressed.Left), 1e-9);
    }

    [Theory]
    [InlineData(20, 20)]
    [InlineData(14, 24)]
    [InlineData(24, 14)]
    [InlineData(140, 170)]
    public void FromProductGradient_MapOfTheModel_SameStartAsTheModel(int rows, int columns)
    {
        using var objective = Problem(rows, columns, 0.5);
        using var model = DeepFactorization.Create(rows, columns, new(), Start);
        using var compressed = Compression.FromFirstGradient(model, objective, Rank);
        using var map = model.Product() / 1e-9;
        using var gradient = objective.Gradient(zeros(rows, columns, dtype: float64));
        using var outer = Compression.FromProductGradient(gradient, map, Rank);
        AssertNear(compressed.Left.mm(compressed.Right), outer.Left.mm(outer.Right), 1e-9);
        AssertNear(Projector(compressed.Right.t()), Projector(outer.Right.t()), 1e-9, when: rows <= columns);
        AssertNear(Projector(compressed.Left), Projector(outer.Left), 1e-9, when: rows >= columns);
    }

    [Theory]
    [InlineData(20, 20)]
    [InlineData(14, 24)]
    [InlineData(24, 14)]
    public void FromFirstGradient_Start_IsTheModelsProductOnTheSubspace(int rows, int columns)
    {
        using var objective = Problem(rows, columns, 0.5);
        using var model = DeepFactorization.Create(
            rows, columns, new() { InitialScales = [0.1, 0.2, 0.3], Width = 30 }, Start);
        using var compressed = Compression.FromFirstGradient(model, objective, Rank);
        using var product = model.Product();
        using var projected = rows <= columns
            ? product.mm(Projector(compressed.Right.t()))
            : Projector(compressed.Left).mm(product);
        AssertNear(projected, compressed.Product(), 1e-12);
        for (var layer = 0; layer < 3; layer++)
        {
            AssertNear((layer + 1) * 0.1 * eye(2 * Rank, dtype: float64), compressed.Inner[layer], 1e-12);
        }
    }

    [Theory]
    [InlineData(20, 20)]
    [InlineData(8, 24)]
    [InlineData(24, 8)]
    [InlineData(5, 4)]
    public void FromProductGradient_DrawnMap_GramIdentities(int rows, int columns)
    {
        using var objective = Problem(rows, columns, 0.9);
        using var gradient = objective.Gradient(zeros(rows, columns, dtype: float64));
        using var top = Spectrum.Top(gradient, Rank);
        using var outer = Compression.FromProductGradient(gradient, Rank, Start);
        Assert.Equal([rows, 2L * Rank], outer.Left.shape);
        Assert.Equal([2L * Rank, columns], outer.Right.shape);

        // With P the small start's map left·right = Q·(projector): PPᵀU = U where QQᵀ = I, and PᵀPV = V where QᵀQ = I.
        using var map = outer.Left.mm(outer.Right);
        AssertNear(top.Left, map.mm(map.t()).mm(top.Left), 1e-12, when: rows <= columns);
        AssertNear(top.Right, map.t().mm(map).mm(top.Right), 1e-12, when: rows >= columns);
        using var identity = eye(2 * Rank, dtype: float64);
        AssertNear(identity, outer.Right.mm(outer.Right.t()), 1e-12, when: rows <= columns);
        AssertNear(identity, outer.Left.t().mm(outer.Left), 1e-12, when: rows >= columns);
        AssertNear(top.Right, Projector(outer.Right.t()).mm(top.Right), 1e-12, when: rows <= columns);
        Assert.InRange(Spectrum.SingularValues(map)[0], 0, 1 + 1e-12);
    }

    [Theory]
    [InlineData(9, 9)]
    [InlineData(7, 12)]
    [InlineData(12, 7)]
    public void FromProductGradient_DrawnMap_LawOfTheExplicitMap(int rows, int columns)
    {
        using var objective = Problem(rows, columns, 1);
        using var gradient = objective.Gradient(zeros(rows, columns, dtype: float64));
        using var top = Spectrum.Top(gradient, Rank);
        const int Draws = 500;
        var drawn = new double[Draws][];
        var explicitly = new double[Draws][];
        for (var i = 0; i < Draws; i++)
        {
            using var outer = Compression.FromSingularVectors(top.Left, top.Right, Start.For(i));
            drawn[i] = Numbers(outer, top);
            using var map = Initialize.SemiOrthogonal(rows, columns, Start.For("map").For(i));
            using var other = Compression.FromProductGradient(gradient, map, Rank);
            explicitly[i] = Numbers(other, top);
        }

        for (var k = 0; k < drawn[0].Length; k++)
        {
            AssertSameLaw([.. drawn.Select(row => row[k])], [.. explicitly.Select(row => row[k])]);
        }
    }

    [Fact]
    public void FromSingularVectors_SinglePrecision_StaysSingle()
    {
        using var left = Initialize.SemiOrthogonal(300, 4, Start, dtype: ScalarType.Float32);
        using var right = Initialize.SemiOrthogonal(40, 4, Start.For("right"), dtype: ScalarType.Float32);
        using var outer = Compression.FromSingularVectors(left, right, Start);
        Assert.Equal(ScalarType.Float32, outer.Left.dtype);
        Assert.InRange((outer.Left.t().mm(outer.Left) - eye(8)).abs().max().item<float>(), 0, 1e-5f);
    }

    [Fact]
    public void Faults_NamedWithGotAndWanted()
    {
        using var objective = Problem(20, 20, 1);
        using var model = DeepFactorization.Create(20, 20, new(), Start);
        Assert.Contains(
            "rank: got 11; wanted at most 10",
            Assert.Throws<ArgumentException>(() => Compression.FromFirstGradient(model, objective, 11)).Message);
        model.Factors[1][0, 0] = 1;
        Assert.Contains(
            "factor 2 differs from a scaled semi-orthogonal matrix",
            Assert.Throws<ArgumentException>(() => Compression.FromFirstGradient(model, objective, 2)).Message);
        using var broken = full(20, 20, double.NaN, dtype: float64);
        Assert.Contains(
            "gradient: got NaN",
            Assert.Throws<ArgumentException>(() => Compression.FromProductGradient(broken, 2, Start)).Message);
    }

    // Singular values of both outer factors, and the small start's view of the two given frames.
    private static double[] Numbers(OuterFactors outer, SingularTriplets top)
    {
        using var seen = top.Left.t().mm(outer.Left).mm(outer.Right).mm(top.Right);
        return
        [
            .. Spectrum.SingularValues(outer.Left),
            .. Spectrum.SingularValues(outer.Right),
            .. Spectrum.SingularValues(seen),
            seen.trace().item<double>(),
        ];
    }

    // Two samples of one law: means and mean squares within 4.5 standard errors.
    private static void AssertSameLaw(double[] first, double[] second)
    {
        foreach (var power in new[] { 1.0, 2.0 })
        {
            double[] a = [.. first.Select(value => power == 1 ? value : value * value)];
            double[] b = [.. second.Select(value => power == 1 ? value : value * value)];
            var error = Math.Sqrt((Variance(a) / a.Length) + (Variance(b) / b.Length));
            Assert.InRange(Math.Abs(a.Average() - b.Average()), 0, (4.5 * error) + 1e-12);
        }
    }

    private static double Variance(double[] values)
    {
        var mean = values.Average();
        return values.Average(value => (value - mean) * (value - mean));
    }

    private static MaskedObjective Problem(int rows, int columns, double observed)
    {
        using var target = Initialize.LowRank(rows, columns, Rank, Start.For("target"));
        using var mask = Initialize.Mask(rows, columns, observed, Start.For("mask"));
        return new(target, mask);
    }

    private static Tensor Projector(Tensor tall)
    {
        var (frame, _) = linalg.qr(tall);
        return frame.mm(frame.t());
    }

    private static void AssertNear(Tensor expected, Tensor actual, double tolerance, bool when = true)
    {
        if (when)
        {
            Assert.InRange((expected - actual).abs().max().item<double>(), 0, tolerance);
        }
    }
}
