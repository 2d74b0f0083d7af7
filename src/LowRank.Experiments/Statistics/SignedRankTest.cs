using LowRank.Tensors;

namespace LowRank.Experiments.Statistics;

/// <summary>Wilcoxon's signed-rank test: could paired differences this lopsided come from no difference at all?</summary>
/// <remarks>
/// Differences of zero are left out and equal ones share their rank, as SciPy's default does. The distribution is
/// counted out exactly over all ways to give the ranks signs, ties included.
/// </remarks>
public static class SignedRankTest
{
    /// <summary>The two-sided p-value.</summary>
    /// <param name="differences">The paired differences.</param>
    /// <returns>A probability; 1 when every difference is zero.</returns>
    public static double PValue(IReadOnlyList<double> differences)
    {
        var nonzero = Check.NotNull(differences).Where(difference => difference != 0).ToArray();
        var ranks = DoubledRanks(nonzero);
        var positive = nonzero.Zip(ranks).Where(pair => pair.First > 0).Sum(pair => pair.Second);
        var chances = Chances(ranks);
        var below = chances.Take(positive + 1).Sum();
        var above = chances.Skip(positive).Sum();
        return Math.Min(1, 2 * Math.Min(below, above));
    }

    // Ranks by size from 1, equal sizes sharing their mean; twice that, so that they are whole numbers.
    private static int[] DoubledRanks(double[] values)
    {
        var sizes = Array.ConvertAll(values, Math.Abs);
        return Array.ConvertAll(sizes, size => (2 * sizes.Count(other => other < size)) + sizes.Count(other => other == size) + 1);
    }

    // The chance of each sum of the positive ranks when every sign is a fair coin.
    private static double[] Chances(int[] ranks)
    {
        var chances = new double[ranks.Sum() + 1];
        chances[0] = 1;
        foreach (var rank in ranks)
        {
            for (var sum = chances.Length - 1; sum >= 0; sum--)
            {
                chances[sum] = (chances[sum] + (sum >= rank ? chances[sum - rank] : 0)) / 2;
            }
        }

        return chances;
    }
}
