using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Tests.Tensors;

public sealed class InitializeTests
{
    private static readonly Seed Start = Seed.From(7);

    [Fact]
    public void Gaussian_SameSeed_SameMatrix()
    {
        using var first = Initialize.Gaussian(5, 4, Start);
        using var second = Initialize.Gaussian(5, 4, Start);
        using var other = Initialize.Gaussian(5, 4, Start.For("other"));
        Assert.True(first.equal(second).all().item<bool>());
        Assert.False(first.equal(other).all().item<bool>());
    }

    [Fact]
    public void Gaussian_SinglePrecision_IsTheRoundedDouble()
    {
        using var wide = Initialize.Gaussian(5, 4, Start);
        using var narrow = Initialize.Gaussian(5, 4, Start, dtype: ScalarType.Float32);
        Assert.True(wide.to(float32).equal(narrow).all().item<bool>());
    }

    [Fact]
    public void Gaussian_ManyEntries_HasMomentsOfTheNormal()
    {
        using var matrix = Initialize.Gaussian(400, 500, Start, deviation: 2);

        // 200,000 entries: five standard errors of the mean and of the variance.
        Assert.InRange(matrix.mean().item<double>(), -5 * 2 / Math.Sqrt(200_000), 5 * 2 / Math.Sqrt(200_000));
        Assert.InRange(matrix.square().mean().item<double>(), 4 - (5 * 4 * Math.Sqrt(2.0 / 200_000)), 4.07);
    }

    [Fact]
    public void Uniform_Ends_AreKept()
    {
        using var matrix = Initialize.Uniform(100, 100, Start, -2, 3);
        Assert.InRange(matrix.min().item<double>(), -2, -1.99);
        Assert.InRange(matrix.max().item<double>(), 2.99, 3);
    }

    [Fact]
    public void SemiOrthogonal_SignOfFirstEntry_IsBalanced()
    {
        // Without the folded signs the first entry of Q would always be negative.
        var positive = Enumerable.Range(0, 200).Count(i =>
        {
            using var matrix = Initialize.SemiOrthogonal(3, 3, Start.For(i));
            return matrix[0, 0].item<double>() > 0;
        });
        Assert.InRange(positive, 65, 135);
    }

    [Fact]
    public void LowRank_Spectrum_IsTheGaussiansTop()
    {
        using var full = Initialize.Gaussian(12, 9, Start);
        using var cut = Initialize.LowRank(12, 9, 3, Start);
        var expected = Spectrum.SingularValues(full);
        var actual = Spectrum.SingularValues(cut);
        for (var i = 0; i < 9; i++)
        {
            Assert.Equal(i < 3 ? expected[i] : 0, actual[i], 1e-12);
        }
    }

    [Theory]
    [InlineData(200, 200, 0.3, 12_000)]
    [InlineData(3, 5, 0.5, 7)]
    [InlineData(2, 2, 1, 4)]
    [InlineData(2, 2, 0, 0)]
    public void Mask_Fraction_ExactCount(long rows, long columns, double fraction, long count)
    {
        using var mask = Initialize.Mask(rows, columns, fraction, Start);
        Assert.Equal(count, mask.sum().item<long>());
    }

    [Fact]
    public void Faults_NamedWithGotAndWanted()
    {
        Assert.Contains("rows: got 0; wanted at least 1.", Message(() => Initialize.Gaussian(0, 1, Start)));
        Assert.Contains("rank: got 4; wanted 1 to 3.", Message(() => Initialize.LowRank(3, 5, 4, Start)));
        Assert.Contains("fraction: got 1.5; wanted 0 to 1.", Message(() => Initialize.Mask(3, 5, 1.5, Start)));
        Assert.Contains("dtype: got Int64", Message(() => Initialize.Gaussian(1, 1, Start, dtype: ScalarType.Int64)));

        static string Message(Action action) => Assert.ThrowsAny<ArgumentException>(action).Message;
    }
}
