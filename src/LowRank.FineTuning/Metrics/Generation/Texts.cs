namespace LowRank.FineTuning.Metrics.Generation;

/// <summary>What scores of generated text share: checks, runs of tokens, and how often they agree.</summary>
internal static class Texts
{
    /// <summary>Throws unless each of at least one prediction has at least one reference.</summary>
    public static void Check(IReadOnlyList<string> predictions, IReadOnlyList<IReadOnlyList<string>> references)
    {
        Tensors.Check.NotNull(predictions);
        Tensors.Check.NotNull(references);
        Rows.CheckLengths(references.Count, predictions.Count);
        for (var row = 0; row < references.Count; row++)
        {
            Tensors.Check.That(
                references[row].Count > 0,
                nameof(references),
                $"references: row {row} has none; wanted at least one reference for each prediction.");
        }
    }

    /// <summary>The references that sacreBLEU looks at: those with any character, if there are such.</summary>
    public static IReadOnlyList<string> NotEmpty(IReadOnlyList<string> references) =>
        references.Where(text => text.Length > 0).ToList() is { Count: > 0 } some ? some : references;

    /// <summary>How often each run of a length occurs.</summary>
    public static Dictionary<string, int> Runs(IReadOnlyList<string> tokens, int length)
    {
        // A blank is in no token, so it keeps runs apart.
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i + length <= tokens.Count; i++)
        {
            var run = string.Join(' ', tokens.Skip(i).Take(length));
            counts[run] = counts.GetValueOrDefault(run) + 1;
        }

        return counts;
    }

    /// <summary>How many runs of one are in the other, each as often as it is in both.</summary>
    public static int Shared(Dictionary<string, int> one, Dictionary<string, int> other) =>
        one.Sum(entry => Math.Min(entry.Value, other.GetValueOrDefault(entry.Key)));

    /// <summary>The tokens of a text that blanks part.</summary>
    public static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
