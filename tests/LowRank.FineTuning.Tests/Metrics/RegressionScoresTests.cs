using LowRank.FineTuning.Metrics;

namespace LowRank.FineTuning.Tests.Metrics;

/// <summary>Numbers from SciPy's own documentation, and others worked out by hand.</summary>
public sealed class RegressionScoresTests
{
    [Fact]
    public void Pearson_SciPysExample_Agrees() =>
        Assert.Equal(-0.7426106572325057, Correlation.Pearson([1, 2, 3, 4, 5], [10, 9, 2.5, 6, 4]), 14);

    [Fact]
    public void Spearman_SciPysExample_Agrees() =>
        Assert.Equal(0.8207826816681233, Correlation.Spearman([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]), 14);

    [Fact]
    public void Ranks_Ties_ShareTheirMean()
    {
        // scipy.stats.rankdata([0, 2, 3, 2]) is [1, 2.5, 4, 2.5].
        Assert.Equal([1, 2.5, 4, 2.5], Correlation.Ranks([0, 2, 3, 2]));
        Assert.Equal([2, 2, 2], Correlation.Ranks([7, 7, 7]));
        Assert.Equal([1, 2, 3], Correlation.Ranks([double.NegativeInfinity, 0, double.PositiveInfinity]));
    }

    [Theory]
    [InlineData(new[] { 1.0, 1, 1 }, new[] { 1.0, 2, 3 })]
    [InlineData(new[] { 1.0, 2, 3 }, new[] { 2.0, 2, 2 })]
    [InlineData(new[] { 1.0 }, new[] { 2.0 })]
    [InlineData(new[] { 1.0, double.NaN }, new[] { 1.0, 2 })]
    public void Correlations_ConstantOrNotANumber_AreNotANumber(double[] left, double[] right)
    {
        Assert.Equal(double.NaN, Correlation.Pearson(left, right));
        Assert.Equal(double.NaN, Correlation.Spearman(left, right));
    }

    [Fact]
    public void Correlations_InfinitePrediction_OnlyHasRanks()
    {
        Assert.Equal(double.NaN, Correlation.Pearson([1, 2, 3], [1, 2, double.PositiveInfinity]));
        Assert.Equal(1, Correlation.Spearman([1, 2, 3], [1, 2, double.PositiveInfinity]), 14);
    }

    [Fact]
    public void Pearson_HugeAndTinyNumbers_DoNotOverflow()
    {
        Assert.Equal(1, Correlation.Pearson([1e300, 2e300, 3e300], [1e-300, 2e-300, 3e-300]), 12);
        Assert.Equal(-1, Correlation.Pearson([1e300, -1e300], [-1, 1]), 12);
    }

    [Fact]
    public void Of_Numbers_HasAllScores()
    {
        var scores = RegressionScores.Of([1, 2, 3], [1, 2, 5]);

        Assert.Equal(4.0 / 3, scores.MeanSquaredError, 14);
        Assert.Equal(1, scores.Spearman, 14);
        Assert.Equal(4 / Math.Sqrt(2 * (26.0 / 3)), scores.Pearson, 14);
        Assert.Equal(["pearson", "spearman", "mse"], scores.Values.Keys);
        Assert.Equal(3, scores.Count);
    }

    [Fact]
    public void Of_FaultyInput_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => RegressionScores.Of([], []));
        Assert.Throws<ArgumentException>(() => RegressionScores.Of([1], [1, 2]));
    }
}
