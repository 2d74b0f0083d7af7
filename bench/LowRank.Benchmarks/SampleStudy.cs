using System.Globalization;
using LowRank.FineTuning.Metrics;
using LowRank.FineTuning.Samples;
using LowRank.Tensors;

namespace LowRank.Benchmarks;

/// <summary>What methods that know nothing of language score on the sample world: the room that is left for others.</summary>
internal static class SampleStudy
{
    private const double Smoothing = 0.3;

    public static void Run(string[] args)
    {
        var arguments = new StudyArguments(args);
        var (test, seeds) = (arguments.Integer("--test", 1200), arguments.Integer("--seeds", 5));
        Console.WriteLine(StudyArguments.Machine());
        var similar = SampleWorld.Similarity(SampleSplit.Test, test, Seed.From(0)).Examples;
        var scores = RegressionScores.Of(
            [.. similar.Select(row => row.Target ?? 0)], [.. similar.Select(row => Overlap(row.Text, row.TextPair ?? ""))]);
        Line($"similarity  shared words (Jaccard)          Pearson {scores.Values["pearson"]:0.000}");
        Line($"intent      most frequent label             accuracy {1.0 / SampleWorld.IntentLabels.Count:0.000}");
        foreach (var shots in new[] { 4, 16, 64, 256 })
        {
            Line($"intent      bag of words, {shots,4} per class       accuracy {Mean(seeds, seed => Intents(shots, test, seed)):0.000}");
        }

        Line($"entailment  most frequent label             accuracy {1.0 / SampleWorld.EntailmentLabels.Count:0.000}");
        foreach (var rows in new[] { 64, 1024 })
        {
            Line($"entailment  share of shared words, {rows,4} rows  accuracy {Mean(seeds, seed => Entailment(rows, test, seed)):0.000}");
        }
    }

    private static double Mean(int seeds, Func<Seed, double> score) =>
        Enumerable.Range(0, seeds).Average(seed => score(Seed.From(seed)));

    // Naive Bayes over the words of a message.
    private static double Intents(int shots, int test, Seed seed)
    {
        var rows = SampleWorld.Intents(SampleSplit.Training, shots * SampleWorld.IntentLabels.Count, seed).Examples;
        var counts = SampleWorld.IntentLabels
            .Select((_, label) => rows.Where(row => row.ClassIndex == label).SelectMany(row => Words(row.Text)).CountBy(word => word).ToDictionary())
            .ToArray();
        var known = counts.SelectMany(words => words.Keys).ToHashSet();
        double Likelihood(Dictionary<string, int> words, IEnumerable<string> text)
        {
            var total = words.Values.Sum() + (Smoothing * known.Count);
            return text.Where(known.Contains).Sum(word => Math.Log((words.GetValueOrDefault(word) + Smoothing) / total));
        }

        return SampleWorld.Intents(SampleSplit.Test, test, Seed.From(0)).Examples.Average(row =>
        {
            var text = Words(row.Text);
            var best = Enumerable.Range(0, counts.Length).MaxBy(label => Likelihood(counts[label], text));
            return best == row.ClassIndex ? 1.0 : 0;
        });
    }

    // The label whose training rows have the nearest mean share of words in common.
    private static double Entailment(int count, int test, Seed seed)
    {
        var rows = SampleWorld.Entailment(SampleSplit.Training, count, seed).Examples;
        var means = rows.GroupBy(row => row.ClassIndex)
            .ToDictionary(group => group.Key, group => group.Average(row => Overlap(row.Text, row.TextPair ?? "")));
        return SampleWorld.Entailment(SampleSplit.Test, test, Seed.From(0)).Examples.Average(row =>
        {
            var overlap = Overlap(row.Text, row.TextPair ?? "");
            return means.MinBy(mean => Math.Abs(mean.Value - overlap)).Key == row.ClassIndex ? 1.0 : 0;
        });
    }

    private static double Overlap(string first, string second)
    {
        var (a, b) = (Words(first), Words(second));
        return (double)a.Intersect(b).Count() / a.Union(b).Count();
    }

    private static string[] Words(string text) =>
        [.. text.ToLowerInvariant().Split([' ', '.', ',', ';', ':', '?', '!'], StringSplitOptions.RemoveEmptyEntries).Distinct()];

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
