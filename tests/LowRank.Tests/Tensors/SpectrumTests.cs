using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Tests.Tensors;

public sealed class SpectrumTests
{
    private static readonly Seed Start = Seed.From(3);

    [Fact]
    public void EffectiveRank_EqualValues_IsTheirNumber()
    {
        Assert.Equal(4, Spectrum.EffectiveRank([2, 2, 2, 2, 0]), 1e-12);
        Assert.Equal(1, Spectrum.EffectiveRank([5, 0, 0]), 1e-12);
        Assert.Equal(0, Spectrum.EffectiveRank([0, 0]));
        Assert.InRange(Spectrum.EffectiveRank([3, 1]), 1, 2);
    }

    [Fact]
    public void NumericalRank_Values_CountsThoseAboveTheFraction()
    {
        Assert.Equal(2, Spectrum.NumericalRank([10, 1, 1e-12]));
        Assert.Equal(1, Spectrum.NumericalRank([10, 1, 1e-12], 0.2));
        Assert.Equal(0, Spectrum.NumericalRank([0, 0]));
    }

    [Theory]
    [InlineData(1e-9)]
    [InlineData(0.3)]
    [InlineData(0.8)]
    [InlineData(1.5)]
    public void PrincipalAngles_RotatedLine_IsTheRotation(double angle)
    {
        using var first = tensor(new[,] { { 1.0, 0.0 }, { 0.0, 1.0 }, { 0.0, 0.0 } });
        using var second = tensor(new[,] { { 0.0 }, { Math.Cos(angle) }, { Math.Sin(angle) } });
        Assert.Equal(angle, Assert.Single(Spectrum.PrincipalAngles(first, second)), 1e-15);
        Assert.Equal(angle, Assert.Single(Spectrum.PrincipalAngles(second, first)), 1e-15);
    }

    [Fact]
    public void PrincipalAngles_TwoPlanes_AscendFromSmallToRight()
    {
        using var first = tensor(new[,] { { 1.0, 0.0 }, { 0.0, 1.0 }, { 0.0, 0.0 }, { 0.0, 0.0 } });
        var (cosine, sine) = (Math.Cos(1e-6), Math.Sin(1e-6));
        using var second = tensor(new[,] { { 0.0, cosine }, { 0.0, 0.0 }, { 0.0, sine }, { 1.0, 0.0 } });
        var angles = Spectrum.PrincipalAngles(first, second);
        Assert.Equal(1e-6, angles[0], 1e-15);
        Assert.Equal(Math.PI / 2, angles[1], 1e-15);
    }

    [Theory]
    [InlineData(200, 160, 5)]
    [InlineData(150, 400, 3)]
    [InlineData(30, 20, 20)]
    public void Top_NoisyLowRank_AsTheFullDecomposition(long rows, long columns, int rank)
    {
        using var signal = Initialize.LowRank(rows, columns, rank, Start);
        using var noise = Initialize.Gaussian(rows, columns, Start.For("noise"), 0.05);
        using var matrix = signal + noise;
        using var top = Spectrum.Top(matrix, rank);
        var (left, values, right) = linalg.svd(matrix, fullMatrices: false);
        Assert.InRange((values.narrow(0, 0, rank) - top.Values).abs().max().item<double>(), 0, 1e-11);
        Assert.InRange(Spectrum.PrincipalAngles(left.narrow(1, 0, rank), top.Left)[^1], 0, 1e-9);
        Assert.InRange(Spectrum.PrincipalAngles(right.narrow(0, 0, rank).t(), top.Right)[^1], 0, 1e-9);
        Assert.InRange((matrix.mm(top.Right) - (top.Left * top.Values)).abs().max().item<double>(), 0, 1e-10);
    }

    [Fact]
    public void Top_TinyEntries_KeepRelativeAccuracy()
    {
        // A first gradient at scale 1e-3 has entries of 1e-10: nothing may be compared with an absolute limit.
        using var matrix = Initialize.LowRank(200, 200, 6, Start);
        matrix.mul_(1e-12);
        using var top = Spectrum.Top(matrix, 4);
        var residual = (matrix.mm(top.Right) - (top.Left * top.Values)).norm().item<double>();
        Assert.InRange(residual, 0, 1e-11 * top.Values[0].item<double>());
    }

    [Fact]
    public void Top_NoGap_FallsBackToTheFullDecomposition()
    {
        using var matrix = Initialize.SemiOrthogonal(140, 140, Start);
        using var flat = Initialize.Gaussian(140, 140, Start.For("flat"));
        using var equal = Spectrum.Top(matrix, 3);
        Assert.Equal(1, equal.Values.min().item<double>(), 1e-12);
        using var top = Spectrum.Top(flat, 60);
        Assert.InRange(Spectrum.SingularValues(flat)[59] - top.Values[59].item<double>(), -1e-10, 1e-10);
    }

    [Fact]
    public void Top_LowerRankThanAsked_GivesOrthonormalVectorsAndZeros()
    {
        using var matrix = Initialize.LowRank(200, 180, 2, Start);
        using var top = Spectrum.Top(matrix, 5);
        Assert.InRange((top.Right.t().mm(top.Right) - eye(5, dtype: float64)).abs().max().item<double>(), 0, 1e-12);
        Assert.InRange(top.Values.narrow(0, 2, 3).abs().max().item<double>(), 0, 1e-12);
    }

    [Fact]
    public void Top_SinglePrecision_IsAccurateToIt()
    {
        using var matrix = Initialize.LowRank(300, 200, 4, Start, ScalarType.Float32);
        using var top = Spectrum.Top(matrix, 4);
        Assert.Equal(ScalarType.Float32, top.Left.dtype);
        var residual = (matrix.mm(top.Right) - (top.Left * top.Values)).norm().item<float>();
        Assert.InRange(residual, 0, 1e-4 * top.Values[0].item<float>());
    }

    [Fact]
    public void Faults_NamedWithGotAndWanted()
    {
        using var matrix = ones(3, 2, dtype: float64);
        using var vector = ones(3);
        using var whole = ones(3, 2, dtype: int64);
        Assert.Contains("rank: got 3; wanted 1 to 2.", Message(() => Spectrum.Top(matrix, 3)));
        Assert.Contains("matrix: got shape [3]; wanted a matrix", Message(() => Spectrum.SingularValues(vector)));
        Assert.Contains("got Int64; wanted a floating-point matrix", Message(() => Spectrum.SingularValues(whole)));

        static string Message(Action action) => Assert.ThrowsAny<ArgumentException>(action).Message;
    }
}
