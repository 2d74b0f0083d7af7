namespace LowRank.FineTuning.Metrics;

/// <summary>The scores of predicted numbers, defined as SciPy and scikit-learn define them.</summary>
public sealed record RegressionScores : EvaluationScores
{
    /// <summary>Pearson's correlation, -1 to 1; not-a-number when either side is constant.</summary>
    public required double Pearson { get; init; }

    /// <summary>Spearman's rank correlation, -1 to 1; not-a-number when either side is constant.</summary>
    public required double Spearman { get; init; }

    /// <summary>The mean squared error, at least 0, in the square of the labels' unit.</summary>
    public required double MeanSquaredError { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> Values => new Dictionary<string, double>(StringComparer.Ordinal)
    {
        [Metric.Pearson.Name] = Pearson,
        [Metric.Spearman.Name] = Spearman,
        [Metric.MeanSquaredError.Name] = MeanSquaredError,
    };

    /// <summary>Scores predictions.</summary>
    /// <param name="targets">The true number of each row.</param>
    /// <param name="predictions">The predicted number of each row.</param>
    /// <returns>The scores.</returns>
    /// <exception cref="ArgumentException">There are no rows, or not as many predictions as targets.</exception>
    public static RegressionScores Of(ReadOnlySpan<double> targets, ReadOnlySpan<double> predictions)
    {
        Rows.CheckLengths(targets.Length, predictions.Length);
        var sum = 0.0;
        for (var row = 0; row < targets.Length; row++)
        {
            var error = predictions[row] - targets[row];
            sum += error * error;
        }

        return new()
        {
            Count = targets.Length,
            Pearson = Correlation.Pearson(targets, predictions),
            Spearman = Correlation.Spearman(targets, predictions),
            MeanSquaredError = sum / targets.Length,
        };
    }
}
