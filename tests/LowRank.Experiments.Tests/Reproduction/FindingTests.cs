using LowRank.Experiments.Reproduction;

namespace LowRank.Experiments.Tests.Reproduction;

public sealed class FindingTests
{
    [Theory]
    [InlineData(90, Verdict.Within)]
    [InlineData(110, Verdict.Within)]
    [InlineData(89.9, Verdict.Outside)]
    [InlineData(110.1, Verdict.Outside)]
    [InlineData(double.NaN, Verdict.Missing)]
    public void Verdict_OfABand_HoldsItsEnds(double ours, Verdict expected) =>
        Assert.Equal(expected, new Finding("x", ours, Expectation.Near(100, 0.1, "a table")).Verdict);

    [Fact]
    public void Verdict_OfAValueWithoutABand_IsNone()
    {
        Assert.Equal(Verdict.None, new Finding("x", 5, Expectation.Told(1, "a figure")).Verdict);
        Assert.Equal(Verdict.None, new Finding("x", 5, null).Verdict);
    }

    [Fact]
    public void Of_SeveralRuns_IsTheirMeanWithTheirSpread()
    {
        var finding = Finding.Of("x", [1, double.NaN, 3], Expectation.AtMost(2, "a bound"));
        Assert.Equal((2, 1, 3, 2), (finding.Ours, finding.Least, finding.Most, finding.Runs));
        Assert.Equal("2 (1 to 3, 2 runs)", finding.OursText);
        Assert.Equal("at most 2", finding.BandText);
        Assert.Equal(Verdict.Within, finding.Verdict);
    }

    [Fact]
    public void Of_NoRuns_IsMissing() => Assert.Equal("not made yet", Finding.Of("x", [], null).OursText);

    [Theory]
    [InlineData(0, "0")]
    [InlineData(19300, "19,300")]
    [InlineData(0.95096, "0.951")]
    [InlineData(4.8e-4, "4.80e-4")]
    [InlineData(1234567, "1.23e+6")]
    [InlineData(-12.3456, "-12.35")]
    public void Text_ShowsDigitsThatMatter(double value, string expected) => Assert.Equal(expected, Finding.Text(value));
}
