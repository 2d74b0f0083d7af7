using CsCheck;
using LowRank.Experiments.Statistics;

namespace LowRank.Experiments.Tests.Statistics;

/// <summary>Against values worked out by hand or printed in statistics tables.</summary>
public sealed class StatisticsTests
{
    [Fact]
    public void ScoreSummary_FiveNumbers_HasTheTableValueOfStudentsT()
    {
        var summary = ScoreSummary.Of([0.5, 0.6, 0.7, 0.8, 0.9]);
        Assert.Equal(5, summary.Count);
        Assert.Equal(0.7, summary.Mean, 1e-12);
        Assert.Equal(Math.Sqrt(0.1 / 4), summary.Deviation, 1e-12);
        Assert.Equal(2.776445 * Math.Sqrt(0.1 / 4 / 5), summary.HalfWidth, 1e-6); // t of 4 degrees at 0.975
        Assert.Equal((0.5, 0.9), (summary.Least, summary.Greatest));
    }

    [Fact]
    public void ScoreSummary_OneNumber_HasNoInterval()
    {
        var summary = ScoreSummary.Of([0.25]);
        Assert.Equal(0.25, summary.Mean);
        Assert.True(double.IsNaN(summary.Deviation) && double.IsNaN(summary.HalfWidth));
        Assert.Throws<ArgumentException>(() => ScoreSummary.Of([]));
    }

    [Fact]
    public void PairedDifference_HandComputed_CountsAndMeasures()
    {
        var difference = PairedDifference.Of([0.9, 0.8, 0.7, 0.6], [0.8, 0.8, 0.5, 0.7]);
        Assert.Equal((2, 1, 1), (difference.Wins, difference.Ties, difference.Losses));
        Assert.Equal(0.05, difference.Mean, 1e-12); // (0.1 + 0 + 0.2 - 0.1) / 4

        // Squares about the mean: 0.0025 + 0.0025 + 0.0225 + 0.0225 = 0.05; t of 3 degrees is 3.182446.
        Assert.Equal(3.182446 * Math.Sqrt(0.05 / 3 / 4), difference.HalfWidth, 1e-6);
        Assert.Equal(0, difference.Verdict);
    }

    [Fact]
    public void PairedDifference_LowerIsBetter_TurnsTheSign()
    {
        var difference = PairedDifference.Of([0.1, 0.2], [0.3, 0.3], higherIsBetter: false);
        Assert.Equal(0.15, difference.Mean, 1e-12);
        Assert.Equal(2, difference.Wins);
    }

    [Fact]
    public void PairedDifference_InfiniteErrorsOnBothSides_AreATie()
    {
        var difference = PairedDifference.Of(
            [double.PositiveInfinity], [double.PositiveInfinity], higherIsBetter: false);
        Assert.Equal((0, 1, 0), (difference.Wins, difference.Ties, difference.Losses));
        Assert.Equal(0, difference.Mean);
    }

    [Fact]
    public void Verdict_EqualDifferencesOfFewSeeds_ProveNothing()
    {
        Assert.Equal(0, PairedDifference.Of([0.6, 0.7, 0.8], [0.5, 0.6, 0.7]).Verdict);
        double[] better = [0.6, 0.7, 0.8, 0.5, 0.6, 0.7];
        double[] worse = [.. better.Select((score, seed) => score - 0.1 - (seed / 100.0))];
        Assert.Equal(1, PairedDifference.Of(better, worse).Verdict);
        Assert.Equal(-1, PairedDifference.Of(worse, better).Verdict);
    }

    [Fact]
    public void PairedDifference_NoPairs_Throws()
    {
        Assert.Throws<ArgumentException>(() => PairedDifference.Of([], []));
        Assert.Throws<ArgumentException>(() => PairedDifference.Of([1], [1, 2]));
    }

    [Theory]
    [InlineData(new double[] { 1, 2, 3 }, 0.25)] // 2 of the 8 ways to sign three ranks are this lopsided
    [InlineData(new double[] { 1, 2, -3 }, 1)] // both sides hold 3 of 6
    [InlineData(new double[] { 1, 2, 3, 4, -5 }, 0.625)] // W = 5: 10 of 32 sums are at most 5, twice
    [InlineData(new double[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, 2.0 / 1024)]
    [InlineData(new double[] { 0, 0, 1, 2, 3 }, 0.25)] // zeros are left out
    [InlineData(new double[] { 1, 1, 1 }, 0.25)] // ties share a rank: sums 0, 2, 4, 6 with 1, 3, 3, 1 ways
    [InlineData(new double[] { 1, 1, -1 }, 1)]
    [InlineData(new double[] { 0, 0 }, 1)]
    public void PValue_CountedByHand_Agrees(double[] differences, double expected) =>
        Assert.Equal(expected, SignedRankTest.PValue(differences), 1e-12);

    [Fact]
    public void PValue_DarwinsMaize_IsThePublishedOne()
    {
        // Fisher's example of Darwin's cross- and self-fertilised plants, in eighths of an inch.
        double[] differences = [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75];
        Assert.Equal(0.041259765625, SignedRankTest.PValue(differences), 1e-12);
    }

    [Fact]
    public void PValue_TurnedAround_IsTheSame() =>
        Gen.Double[-1, 1].Array[1, 12].Sample(differences =>
            Assert.Equal(
                SignedRankTest.PValue(differences),
                SignedRankTest.PValue([.. differences.Select(difference => -difference)]),
                1e-12));
}
