using LowRank.Experiments.Statistics;

namespace LowRank.Experiments.Reports;

/// <summary>A method at the learning rate that a report judges it by, beside the baseline at its own.</summary>
/// <param name="Score">The score.</param>
/// <param name="RatesTried">How many learning rates there were to choose from.</param>
/// <param name="AgainstBaseline">The paired difference; null of the baseline itself, and where there are no pairs.</param>
public sealed record MethodResult(MethodScore Score, int RatesTried, PairedDifference? AgainstBaseline);
