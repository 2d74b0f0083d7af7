using LowRank.Tensors;

namespace LowRank.Experiments.Statistics;

/// <summary>A method against another on the same seeds; positive differences favour the first.</summary>
/// <param name="Count">The number of pairs, at least 1.</param>
/// <param name="Mean">The mean difference.</param>
/// <param name="HalfWidth">
/// Half the width of its 95 % confidence interval (Student's t over the pairs); not-a-number of one pair.
/// </param>
/// <param name="Wins">Pairs in which the first was better.</param>
/// <param name="Ties">Pairs without a difference.</param>
/// <param name="Losses">Pairs in which the first was worse.</param>
/// <param name="PValue">Wilcoxon's signed-rank test, two-sided.</param>
public sealed record PairedDifference(
    int Count, double Mean, double HalfWidth, int Wins, int Ties, int Losses, double PValue)
{
    private const int Decimals = 12;

    private const double Chance = 0.05;

    /// <summary>1 when the interval lies above zero and p is below 0.05, -1 when below zero, 0 otherwise.</summary>
    /// <remarks>Both are asked for: the interval of a few equal differences has no width and would prove anything.</remarks>
    public int Verdict => PValue >= Chance ? 0 : Mean - HalfWidth > 0 ? 1 : Mean + HalfWidth < 0 ? -1 : 0;

    /// <summary>Compares scores pair by pair.</summary>
    /// <param name="first">The scores of the first method.</param>
    /// <param name="second">The second's, of the same seeds in the same order.</param>
    /// <param name="higherIsBetter">Whether a higher score is the better one.</param>
    /// <returns>The comparison.</returns>
    /// <exception cref="ArgumentException">There are no pairs, or not as many scores on both sides.</exception>
    public static PairedDifference Of(
        IReadOnlyList<double> first, IReadOnlyList<double> second, bool higherIsBetter = true)
    {
        Check.That(
            Check.NotNull(first).Count == Check.NotNull(second).Count && first.Count > 0,
            nameof(second),
            $"scores: got {first.Count} and {second.Count}; wanted pairs, at least one.");
        var differences = first.Zip(second, (mine, other) => Difference(mine, other, higherIsBetter)).ToList();
        return new(
            differences.Count,
            differences.Average(),
            StudentInterval.HalfWidth(differences),
            differences.Count(difference => difference > 0),
            differences.Count(difference => difference == 0),
            differences.Count(difference => difference < 0),
            SignedRankTest.PValue(differences));
    }

    // Two runs that failed alike are a tie, also where failing is an infinite error. Rounding makes 0.9 - 0.8 and
    // 0.8 - 0.7 the equal differences that they are.
    private static double Difference(double mine, double other, bool higherIsBetter) =>
        mine.Equals(other) ? 0 : Math.Round(higherIsBetter ? mine - other : other - mine, Decimals);
}
