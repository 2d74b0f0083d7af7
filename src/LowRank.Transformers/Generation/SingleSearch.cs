using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Transformers.Generation;

/// <summary>One text for each source, token by token: the likeliest, or one drawn by chance.</summary>
internal static class SingleSearch
{
    /// <summary>Writes the texts.</summary>
    /// <param name="run">The sources, with one text each.</param>
    /// <param name="count">How many sources there are.</param>
    /// <param name="options">When to end, and whether to draw.</param>
    /// <param name="start">The start token.</param>
    /// <param name="end">The end token.</param>
    /// <param name="firstText">The place of the first source among all texts: what is drawn depends on it.</param>
    /// <param name="cancellation">Ends the writing between two tokens.</param>
    /// <returns>The ids of each text, start token included.</returns>
    public static int[][] Run(
        DecodingRun run,
        int count,
        GenerationOptions options,
        int start,
        int end,
        int firstText,
        CancellationToken cancellation)
    {
        var texts = Enumerable.Range(0, count).Select(_ => new[] { start }).ToArray();
        var open = Enumerable.Range(0, count).ToList();
        var rules = new TokenRules(options, end);
        for (var step = 0; step < options.MaximumLength && open.Count > 0; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = torch.NewDisposeScope();
            int[][] current = [.. open.Select(text => texts[text])];
            var scores = run.Next(current);
            rules.Apply(scores, current);
            var chosen = options.Samples ? Draw(scores, open, options, firstText, step) : Likeliest(scores);
            for (var i = 0; i < chosen.Length; i++)
            {
                texts[open[i]] = [.. current[i], chosen[i]];
            }

            int[] kept = [.. Enumerable.Range(0, open.Count).Where(i => chosen[i] != end)];
            open = [.. kept.Select(i => open[i])];
            if (open.Count > 0)
            {
                run.SelectSources(kept);
            }
        }

        return texts;
    }

    private static int[] Likeliest(torch.Tensor scores) =>
        Array.ConvertAll(scores.argmax(1).ReadNumbers<long>(), id => (int)id);

    private static int[] Draw(
        torch.Tensor scores, List<int> open, GenerationOptions options, int firstText, int step)
    {
        var vocabulary = (int)scores.size(1);
        var count = options.TopK > 0 ? Math.Min(options.TopK, vocabulary) : vocabulary;
        var (values, ids) = scores.topk(count, 1);
        var flatValues = values.contiguous().ReadNumbers<float>();
        var flatIds = ids.contiguous().ReadNumbers<long>();
        var chosen = new int[open.Count];
        for (var row = 0; row < chosen.Length; row++)
        {
            var place = options.Seed.For(firstText + open[row]).For(step).Random().NextDouble();
            var at = Pick(flatValues.AsSpan(row * count, count), options.Temperature, options.TopP, place);
            chosen[row] = (int)flatIds[(row * count) + at];
        }

        return chosen;
    }

    // Falling scores to one of their places; place in [0, 1) is where on the line of probabilities the draw fell.
    internal static int Pick(ReadOnlySpan<float> scores, double temperature, double topP, double place)
    {
        var weights = new double[scores.Length];
        var total = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = Math.Exp((scores[i] - scores[0]) / temperature);
            total += weights[i];
        }

        // The token that crosses the limit still belongs to the chosen ones.
        var (kept, mass) = (0, 0.0);
        while (kept < weights.Length && (kept == 0 || mass < topP * total))
        {
            mass += weights[kept++];
        }

        var (at, rest) = (0, place * mass);
        while (at < kept - 1 && rest >= weights[at])
        {
            rest -= weights[at++];
        }

        return at;
    }
}
