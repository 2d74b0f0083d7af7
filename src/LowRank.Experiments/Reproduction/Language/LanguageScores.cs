using System.Globalization;

namespace LowRank.Experiments.Reproduction.Language;

/// <summary>Finds the runs of a target by what they are, each method at the learning rate that it is judged by.</summary>
/// <param name="records">The runs.</param>
/// <param name="number">The number that is the score; a higher one is better.</param>
internal sealed class LanguageScores(IReadOnlyList<CellRecord> records, string number = "score")
{
    /// <summary>A method's runs at one setting; null without any.</summary>
    /// <param name="protocol">The protocol.</param>
    /// <param name="task">The task.</param>
    /// <param name="method">The method.</param>
    /// <param name="rank">The rank of methods that have one.</param>
    /// <param name="rows">Rows learned from; null for all.</param>
    public MethodOutcome? Of(Protocol protocol, LanguageTask task, LanguageMethod method, int rank, int? rows)
    {
        var rates = records
            .Where(record => record.Labels["protocol"].Equals(protocol.ToString(), StringComparison.OrdinalIgnoreCase)
                && record.Labels["task"] == task.Name && record.Labels["method"] == method.Name
                && record.Labels["rank"] == Text(method.RankOf(rank)) && record.Labels["rows"] == (rows is { } count ? Text(count) : "all"))
            .GroupBy(record => double.Parse(record.Labels["rate"], CultureInfo.InvariantCulture))
            .OrderBy(group => group.Key)
            .ToList();
        if (rates.Count == 0)
        {
            return null;
        }

        // By the validation rows alone, and of equals the smallest.
        var chosen = rates.Count == 1 ? rates[0] : rates.MaxBy(group => group.Average(record => ValidationOf(record, task)))!;
        var runs = chosen.OrderBy(record => record.Seed).ToList();
        return new(
            chosen.Key,
            rates.Count,
            rates.Count > 1 && (chosen == rates[0] || chosen == rates[^1]),
            runs,
            [.. runs.Select(record => (record.Seed, Usable(record.Number(number))))]);
    }

    private static double ValidationOf(CellRecord record, LanguageTask task) => task.WritesTexts
        ? -(double.IsFinite(record.Number("validation")) ? record.Number("validation") : double.MaxValue)
        : Usable(record.Number("validation"));

    private static double Usable(double score) => double.IsFinite(score) ? score : 0;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
