using LowRank.FineTuning.Data;
using LowRank.FineTuning.Metrics;
using LowRank.FineTuning.Metrics.Generation;

namespace LowRank.FineTuning.Tests.Metrics;

public sealed class MetricTests
{
    [Fact]
    public void Find_EachName_IsThatMetric()
    {
        Assert.All(Metric.All, metric => Assert.Same(metric, Metric.Find(metric.Name.ToUpperInvariant())));
        var fault = Assert.Throws<ArgumentException>(() => Metric.Find("perplexity"));
        Assert.Contains("got 'perplexity'; wanted one of loss, accuracy, f1", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("accuracy", 0.5, null, true)]
    [InlineData("accuracy", 0.5, 0.5, false)]
    [InlineData("accuracy", 0.6, 0.5, true)]
    [InlineData("accuracy", double.NaN, null, false)]
    [InlineData("accuracy", 0.1, double.NaN, true)]
    [InlineData("mse", 0.4, 0.5, true)]
    [InlineData("mse", 0.6, 0.5, false)]
    public void IsBetter_Value_IsComparedInTheRightSense(string name, double value, double? best, bool better) =>
        Assert.Equal(better, Metric.Find(name).IsBetter(value, best));

    [Fact]
    public void In_ScoresOfTheOtherKind_IsRefused()
    {
        var scores = RegressionScores.Of([1, 2], [1, 3]);

        Assert.Equal(0.5, Metric.MeanSquaredError.In(scores));
        var fault = Assert.Throws<ArgumentException>(() => Metric.Accuracy.In(scores));
        Assert.Contains("pearson, spearman, mse", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Metrics_OfEachTask_AreAmongItsScores()
    {
        foreach (var task in GlueTask.All)
        {
            EvaluationScores scores = task.Labels is { } labels ? ClassificationScores.Of([0, 1], [0, 1], labels.Names)
                : task.Kind == LabelKind.Numbers ? RegressionScores.Of([0, 1], [0, 1])
                : GenerationScores.Of(["a b"], [["a b"]]);
            var ofScores = task.Metrics.Where(metric => metric != Metric.Loss);
            Assert.All(ofScores, metric => Assert.False(double.IsNaN(metric.In(scores))));
        }
    }
}
