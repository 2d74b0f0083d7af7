using LowRank.Tensors;

namespace LowRank.Experiments.Statistics;

/// <summary>What the scores of several seeds amount to.</summary>
/// <param name="Count">The number of scores, at least 1.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Deviation">Their standard deviation (divisor n - 1); not-a-number of one score.</param>
/// <param name="HalfWidth">
/// Half the width of the mean's 95 % confidence interval (Student's t); not-a-number of one score.
/// </param>
/// <param name="Least">The least score.</param>
/// <param name="Greatest">The greatest score.</param>
public sealed record ScoreSummary(
    int Count, double Mean, double Deviation, double HalfWidth, double Least, double Greatest)
{
    /// <summary>Summarises scores.</summary>
    /// <param name="scores">The scores; at least one.</param>
    /// <returns>The summary.</returns>
    public static ScoreSummary Of(IReadOnlyList<double> scores)
    {
        Check.That(Check.NotNull(scores).Count > 0, nameof(scores), "scores: got none; wanted at least one.");
        return new(
            scores.Count,
            scores.Average(),
            StudentInterval.Deviation(scores),
            StudentInterval.HalfWidth(scores),
            scores.Min(),
            scores.Max());
    }
}
