using CsCheck;
using LowRank.FineTuning.Metrics;

namespace LowRank.FineTuning.Tests.Metrics;

public sealed class MetricProperties
{
    private const double Tolerance = 1e-9;

    private static readonly Gen<(int Classes, int[] Targets, int[] Predictions, int Seed)> Classified =
        from classes in Gen.Int[1, 6]
        from rows in Gen.Int[1, 40]
        from targets in Gen.Int[0, classes - 1].Array[rows]
        from predictions in Gen.Int[0, classes - 1].Array[rows]
        from seed in Gen.Int
        select (classes, targets, predictions, seed);

    private static readonly Gen<(double[] Left, double[] Right, int Seed)> Numbers =
        from rows in Gen.Int[3, 40]
        from left in Gen.OneOf(Gen.Double[-100, 100], Gen.Int[-3, 3].Select(value => (double)value)).Array[rows]
        from right in Gen.OneOf(Gen.Double[-100, 100], Gen.Int[-3, 3].Select(value => (double)value)).Array[rows]
        from seed in Gen.Int
        select (left, right, seed);

    [Fact]
    public void ClassificationScores_Anything_StayWithinBounds() => Classified.Sample(data =>
    {
        var scores = Score(data.Targets, data.Predictions, data.Classes);
        Assert.All(
            scores.PerClass.SelectMany(one => new[] { one.Precision, one.Recall, one.F1 })
                .Concat([scores.Accuracy, scores.MacroF1, scores.WeightedF1, scores.BinaryF1 ?? 0]),
            value => Assert.InRange(value, 0, 1 + Tolerance));
        Assert.InRange(scores.Matthews, -1, 1);
        Assert.Equal(data.Targets.Length, scores.PerClass.Sum(one => one.Support));
        Assert.Equal(data.Targets.Length, scores.PerClass.Sum(one => one.Predicted));
        Assert.All(scores.PerClass, one =>
            Assert.InRange(one.F1, 0, Math.Max(one.Precision, one.Recall) + Tolerance));
    });

    [Fact]
    public void ClassificationScores_PerfectPredictions_AreOne() => Classified.Sample(data =>
    {
        var scores = Score(data.Targets, data.Targets, data.Classes);
        Assert.Equal(1, scores.Accuracy, Tolerance);
        Assert.Equal(1, scores.MacroF1, Tolerance);
        Assert.Equal(1, scores.WeightedF1, Tolerance);
        Assert.Equal(data.Targets.Distinct().Count() > 1 ? 1 : 0, scores.Matthews, Tolerance);
    });

    [Fact]
    public void ClassificationScores_RowsOrClassesReordered_AreTheSame() => Classified.Sample(data =>
    {
        var before = Score(data.Targets, data.Predictions, data.Classes);
        var rows = Shuffled(data.Targets.Length, data.Seed);
        var names = Shuffled(data.Classes, data.Seed);
        var after = Score(
            [.. rows.Select(row => names[data.Targets[row]])],
            [.. rows.Select(row => names[data.Predictions[row]])],
            data.Classes);
        Assert.Equal(before.Accuracy, after.Accuracy, Tolerance);
        Assert.Equal(before.MacroF1, after.MacroF1, Tolerance);
        Assert.Equal(before.WeightedF1, after.WeightedF1, Tolerance);
        Assert.Equal(before.Matthews, after.Matthews, Tolerance);
    });

    [Fact]
    public void Matthews_TargetsAndPredictionsSwapped_IsTheSame() => Classified.Sample(data =>
        Assert.Equal(
            Score(data.Targets, data.Predictions, data.Classes).Matthews,
            Score(data.Predictions, data.Targets, data.Classes).Matthews,
            Tolerance));

    [Fact]
    public void Matthews_TwoClasses_IsPearson() => Classified.Where(data => data.Classes == 2).Sample(data =>
    {
        var pearson = Correlation.Pearson(
            [.. data.Targets.Select(value => (double)value)], [.. data.Predictions.Select(value => (double)value)]);
        var matthews = Score(data.Targets, data.Predictions, 2).Matthews;
        Assert.Equal(double.IsNaN(pearson) ? 0 : pearson, matthews, Tolerance);
    });

    [Fact]
    public void WeightedRecall_OfAllClasses_IsTheAccuracy() => Classified.Sample(data =>
    {
        var scores = Score(data.Targets, data.Predictions, data.Classes);
        Assert.Equal(scores.Accuracy, scores.PerClass.Sum(one => one.Recall * one.Support) / scores.Count, Tolerance);
    });

    [Fact]
    public void Correlations_Anything_AreSymmetricBoundedAndBlindToOrder() => Numbers.Sample(data =>
    {
        var rows = Shuffled(data.Left.Length, data.Seed);
        foreach (var correlate in new Func<double[], double[], double>[]
            { (a, b) => Correlation.Pearson(a, b), (a, b) => Correlation.Spearman(a, b) })
        {
            var value = correlate(data.Left, data.Right);
            Assert.True(double.IsNaN(value) || Math.Abs(value) <= 1);
            Assert.Equal(value, correlate(data.Right, data.Left), Tolerance);
            Assert.Equal(
                value,
                correlate([.. rows.Select(row => data.Left[row])], [.. rows.Select(row => data.Right[row])]),
                Tolerance);
        }
    });

    [Fact]
    public void Pearson_ShiftedAndScaled_IsTheSame() => Numbers.Sample(data =>
    {
        var value = Correlation.Pearson(data.Left, data.Right);
        Assert.Equal(value, Correlation.Pearson([.. data.Left.Select(x => (3 * x) + 7)], data.Right), 1e-7);
        Assert.Equal(-value, Correlation.Pearson([.. data.Left.Select(x => -x)], data.Right), Tolerance);
    });

    [Fact]
    public void Spearman_RisingFunction_IsTheSame() => Numbers.Sample(data =>
        Assert.Equal(
            Correlation.Spearman(data.Left, data.Right),
            Correlation.Spearman([.. data.Left.Select(x => (x * x * x) + x)], data.Right),
            Tolerance));

    [Fact]
    public void Ranks_Anything_SumToTheirTriangle() => Numbers.Sample(data =>
        Assert.Equal(
            data.Left.Length * (data.Left.Length + 1) / 2.0, Correlation.Ranks(data.Left).Sum(), Tolerance));

    private static ClassificationScores Score(int[] targets, int[] predictions, int classes) =>
        ClassificationScores.Of(targets, predictions, [.. Enumerable.Range(0, classes).Select(label => $"{label}")]);

    private static int[] Shuffled(int count, int seed)
    {
        var order = Enumerable.Range(0, count).ToArray();
        new Random(seed).Shuffle(order);
        return order;
    }
}
