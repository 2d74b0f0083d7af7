namespace LowRank.FineTuning.Metrics.Generation;

/// <summary>BLEU over a whole corpus: runs of up to four tokens that predictions share with their references.</summary>
/// <remarks>Papineni et al. 2002. Tokens are mteval-v13a's, case counts.</remarks>
public static class Bleu
{
    private const int Orders = 4;

    /// <summary>BLEU as Hugging Face's <c>evaluate</c> computes it: the shortest reference sets the length.</summary>
    /// <param name="predictions">The predicted texts.</param>
    /// <param name="references">The references of each prediction, at least one.</param>
    /// <param name="smooth">Whether one is added to the counts of each order (Lin and Och 2004).</param>
    /// <returns>The score; 0 where an order has no match and nothing is smoothed.</returns>
    /// <exception cref="ArgumentException">No rows, or a row without reference.</exception>
    public static BleuScore Of(
        IReadOnlyList<string> predictions, IReadOnlyList<IReadOnlyList<string>> references, bool smooth = false)
    {
        Texts.Check(predictions, references);
        var counts = Count(predictions, references, (lengths, _) => lengths.Min());
        var extra = smooth ? 1 : 0;
        var precisions = counts.Found.Zip(counts.Possible, (found, possible) =>
            possible + extra == 0 ? 0 : (found + extra) / (double)(possible + extra));
        return Join([.. precisions], counts);
    }

    /// <summary>BLEU as sacreBLEU computes it: the reference closest in length counts, and an order without a match
    /// has half the precision of one match, the next such order a quarter.</summary>
    /// <remarks>Blanks at the end of a text do not count, nor do empty references beside others.</remarks>
    /// <param name="predictions">The predicted texts.</param>
    /// <param name="references">The references of each prediction, at least one.</param>
    /// <returns>The score.</returns>
    /// <exception cref="ArgumentException">No rows, or a row without reference.</exception>
    public static BleuScore Sacre(
        IReadOnlyList<string> predictions, IReadOnlyList<IReadOnlyList<string>> references)
    {
        Texts.Check(predictions, references);
        var counts = Count(
            [.. predictions.Select(text => text.TrimEnd())],
            [.. references.Select(row => Texts.NotEmpty(row).Select(text => text.TrimEnd()).ToList())],
            (lengths, own) => lengths.Order().MinBy(length => Math.Abs(length - own)));
        var precisions = new double[Orders];
        var share = 1.0;
        for (var order = 0; order < Orders && counts.Possible[order] > 0 && counts.Found[0] > 0; order++)
        {
            share = counts.Found[order] == 0 ? share / 2 : share;
            var found = counts.Found[order] == 0 ? share : counts.Found[order];
            precisions[order] = found / counts.Possible[order];
        }

        return Join(precisions, counts);
    }

    private static Counts Count(
        IReadOnlyList<string> predictions,
        IReadOnlyList<IReadOnlyList<string>> references,
        Func<IEnumerable<int>, int, int> lengthOf)
    {
        var counts = new Counts(new int[Orders], new int[Orders]);
        for (var row = 0; row < predictions.Count; row++)
        {
            var own = MtevalTokens.Of(predictions[row]);
            var others = references[row].Select(MtevalTokens.Of).ToArray();
            counts.PredictionLength += own.Length;
            counts.ReferenceLength += lengthOf(others.Select(tokens => tokens.Length), own.Length);
            for (var order = 0; order < Orders; order++)
            {
                counts.Possible[order] += Math.Max(0, own.Length - order);
                counts.Found[order] += Texts.Shared(Texts.Runs(own, order + 1), Most(others, order + 1));
            }
        }

        return counts;
    }

    // A run counts as often as it is in the reference that has it most.
    private static Dictionary<string, int> Most(IEnumerable<string[]> references, int length)
    {
        var most = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (run, count) in references.SelectMany(tokens => Texts.Runs(tokens, length)))
        {
            most[run] = Math.Max(count, most.GetValueOrDefault(run));
        }

        return most;
    }

    private static BleuScore Join(double[] precisions, Counts counts)
    {
        var penalty = counts.PredictionLength == 0 || counts.ReferenceLength == 0 ? 0
            : counts.PredictionLength >= counts.ReferenceLength ? 1
            : Math.Exp(1 - (counts.ReferenceLength / (double)counts.PredictionLength));
        var mean = precisions.Min() > 0 ? Math.Exp(precisions.Average(Math.Log)) : 0;
        return new(mean * penalty, precisions, penalty, counts.PredictionLength, counts.ReferenceLength);
    }

    private sealed record Counts(int[] Found, int[] Possible)
    {
        public int PredictionLength { get; set; }

        public int ReferenceLength { get; set; }
    }
}
