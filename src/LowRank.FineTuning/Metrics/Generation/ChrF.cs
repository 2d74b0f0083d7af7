namespace LowRank.FineTuning.Metrics.Generation;

/// <summary>chrF2 as sacreBLEU computes it: runs of one to six characters, no blanks, recall counts double.</summary>
/// <remarks>Popović 2015.</remarks>
public static class ChrF
{
    private const int Orders = 6;
    private const double BetaSquared = 4;

    /// <summary>The score of a corpus.</summary>
    /// <param name="predictions">The predicted texts.</param>
    /// <param name="references">The references of each prediction, at least one; the closest counts.</param>
    /// <returns>The score, 0 to 1; sacreBLEU prints a hundred times that.</returns>
    /// <exception cref="ArgumentException">No rows, or a row without reference.</exception>
    public static double Of(IReadOnlyList<string> predictions, IReadOnlyList<IReadOnlyList<string>> references)
    {
        Texts.Check(predictions, references);
        var sums = new Counts[Orders];
        for (var row = 0; row < predictions.Count; row++)
        {
            var own = Letters(predictions[row]);
            var best = Texts.NotEmpty(references[row]).Select(reference => Count(own, Letters(reference))).MaxBy(Score)!;
            for (var order = 0; order < Orders; order++)
            {
                sums[order] = new(
                    sums[order].Own + best[order].Own,
                    sums[order].Other + best[order].Other,
                    sums[order].Shared + best[order].Shared);
            }
        }

        return Score(sums);
    }

    private static string[] Letters(string text) =>
        [.. string.Concat(Texts.Words(text)).EnumerateRunes().Select(rune => rune.ToString())];

    private static Counts[] Count(string[] own, string[] other) => [.. Enumerable.Range(1, Orders).Select(length =>
    {
        var (mine, theirs) = (Texts.Runs(own, length), Texts.Runs(other, length));

        // Runs longer than the reference can match nothing, so they do not count against the prediction.
        var possible = theirs.Count > 0 ? mine.Values.Sum() : 0;
        return new Counts(possible, theirs.Values.Sum(), Texts.Shared(mine, theirs));
    })];

    private static double Score(Counts[] counts)
    {
        // Orders that are longer than either text do not count.
        var present = counts.Where(order => order is { Own: > 0, Other: > 0 }).ToArray();
        if (present.Length == 0)
        {
            return 0;
        }

        var precision = present.Average(order => order.Shared / (double)order.Own);
        var recall = present.Average(order => order.Shared / (double)order.Other);
        return precision + recall > 0
            ? (1 + BetaSquared) * precision * recall / ((BetaSquared * precision) + recall)
            : 0;
    }

    private readonly record struct Counts(int Own, int Other, int Shared);
}
