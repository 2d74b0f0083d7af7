using LowRank.FineTuning.Metrics;

namespace LowRank.FineTuning.Tests.Metrics;

/// <summary>Numbers from scikit-learn's own documentation, and others worked out by hand.</summary>
public sealed class ClassificationScoresTests
{
    private const double Tolerance = 1e-12;

    [Fact]
    public void Of_ClassificationReportExample_AgreesWithScikitLearn()
    {
        // sklearn.metrics.classification_report: y_true = [0, 1, 2, 2, 2], y_pred = [0, 0, 2, 2, 1].
        var scores = Score([0, 1, 2, 2, 2], [0, 0, 2, 2, 1], 3);

        Assert.Equal(0.6, scores.Accuracy, Tolerance);
        Assert.Equal(
            [new("0", 0.5, 1, 2.0 / 3, 1, 2), new("1", 0, 0, 0, 1, 1), new ClassScores("2", 1, 2.0 / 3, 0.8, 3, 2)],
            scores.PerClass);
        Assert.Equal((2.0 / 3 + 0 + 0.8) / 3, scores.MacroF1, Tolerance);
        Assert.Equal(((2.0 / 3) + (3 * 0.8)) / 5, scores.WeightedF1, Tolerance);
        Assert.Null(scores.BinaryF1);
    }

    [Fact]
    public void Of_F1ScoreExample_AgreesWithScikitLearn()
    {
        // sklearn.metrics.f1_score: macro and weighted are 0.26..., classes 0.8, 0, 0.
        var scores = Score([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1], 3);

        Assert.Equal(0.8 / 3, scores.MacroF1, Tolerance);
        Assert.Equal(0.8 / 3, scores.WeightedF1, Tolerance);
        Assert.Equal([0.8, 0, 0], scores.PerClass.Select(one => one.F1));
    }

    [Fact]
    public void Of_MatthewsExample_AgreesWithScikitLearn()
    {
        // sklearn.metrics.matthews_corrcoef: y_true = [+1, +1, +1, -1], y_pred = [+1, -1, +1, +1] is -0.33.
        var scores = Score([1, 1, 1, 0], [1, 0, 1, 1], 2);

        Assert.Equal(-1.0 / 3, scores.Matthews, Tolerance);
        Assert.Equal(2.0 / 3, scores.BinaryF1!.Value, Tolerance);
    }

    [Fact]
    public void Of_ThreeClasses_HasGorodkinsCorrelation()
    {
        // By hand: 4 rows, 3 right, targets 2-1-1, predictions 2-2-0:
        // (3*4 - (2*2 + 1*2 + 1*0)) / sqrt((16 - 6) * (16 - 8)) = 6 / sqrt(80).
        var scores = Score([0, 0, 1, 2], [0, 0, 1, 1], 3);

        Assert.Equal(6 / Math.Sqrt(80), scores.Matthews, Tolerance);
    }

    [Theory]
    [InlineData(new[] { 1, 1, 1 }, new[] { 1, 1, 1 }, 1.0, 0.0, 1.0)]
    [InlineData(new[] { 0, 0, 0 }, new[] { 0, 0, 0 }, 1.0, 0.0, 0.0)]
    [InlineData(new[] { 0, 1 }, new[] { 0, 0 }, 0.5, 0.0, 0.0)]
    [InlineData(new[] { 0, 0 }, new[] { 1, 1 }, 0.0, 0.0, 0.0)]
    [InlineData(new[] { 0, 1 }, new[] { 1, 0 }, 0.0, -1.0, 0.0)]
    [InlineData(new[] { 0, 1 }, new[] { 0, 1 }, 1.0, 1.0, 1.0)]
    public void Of_EdgeCases_DivideByZeroToZero(
        int[] targets, int[] predictions, double accuracy, double matthews, double f1)
    {
        var scores = Score(targets, predictions, 2);

        Assert.Equal(accuracy, scores.Accuracy, Tolerance);
        Assert.Equal(matthews, scores.Matthews, Tolerance);
        Assert.Equal(f1, scores.BinaryF1!.Value, Tolerance);
    }

    [Fact]
    public void Of_ClassNeitherThereNorPredicted_IsLeftOutOfTheMacroMean()
    {
        // f1_score([0, 1], [0, 1], average="macro") is 1 whatever other labels a model has.
        var scores = Score([0, 1], [0, 1], 5);

        Assert.Equal(1, scores.MacroF1, Tolerance);
        Assert.Equal(5, scores.PerClass.Count);
    }

    [Fact]
    public void Of_Predictions_CountsConfusion()
    {
        var scores = Score([0, 0, 1, 2, 2], [0, 1, 1, 0, 2], 3);

        Assert.Equal([[1, 1, 0], [0, 1, 0], [1, 0, 1]], scores.Confusion.ToRows());
        Assert.Equal(1, scores.Confusion[2, 0]);
        Assert.Equal(3, scores.Confusion.Correct);
        Assert.Equal(2, scores.Confusion.TargetCount(2));
        Assert.Equal(2, scores.Confusion.PredictionCount(1));
    }

    [Fact]
    public void ToTable_TwoClasses_HasALineEach()
    {
        var lines = Score([0, 1, 1], [0, 1, 0], 2).ToTable().Split('\n');

        Assert.Equal("             precision    recall        f1      rows", lines[0].TrimEnd());
        Assert.Equal("           0    0.5000    1.0000    0.6667         1", lines[1]);
        Assert.Equal("    accuracy                        0.6667         3", lines[3]);
    }

    [Fact]
    public void Values_ByName_LeaveOutWhatHasNoMeaning()
    {
        Assert.Contains("f1", Score([0, 1], [0, 1], 2).Values.Keys);
        Assert.DoesNotContain("f1", Score([0, 1], [0, 1], 3).Values.Keys);
    }

    [Fact]
    public void Of_FaultyInput_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => Score([], [], 2));
        Assert.Throws<ArgumentException>(() => Score([1], [1, 0], 2));
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() => Score([1, 2], [1, 1], 2));
        Assert.Contains("targets: got 2; wanted 0 to 1.", fault.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Score([1], [-1], 2));
    }

    private static ClassificationScores Score(int[] targets, int[] predictions, int classes) =>
        ClassificationScores.Of(targets, predictions, [.. Enumerable.Range(0, classes).Select(label => $"{label}")]);
}
