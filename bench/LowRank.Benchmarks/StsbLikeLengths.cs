using System.Globalization;
using LowRank.Tensors;

namespace LowRank.Benchmarks;

/// <summary>Sentence-pair lengths like STS-B's in tokens: mean 28, median 23, 95 % under 60, longest 125.</summary>
internal static class StsbLikeLengths
{
    /// <summary>Rows of lengths: a shifted log-normal, 6 + 17 exp(0.704 z), which has that median and tail.</summary>
    public static int[][] Batches(Seed seed, int count, int size)
    {
        var random = seed.Random();
        return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, size).Select(_ =>
        {
            var z = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            return Math.Min(125, 6 + (int)Math.Round(17 * Math.Exp(0.704 * z)));
        }).ToArray())];
    }

    public static string Describe(int[][] batches)
    {
        var all = batches.SelectMany(lengths => lengths).Order().ToArray();
        var longest = batches.Average(lengths => lengths.Max());
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{batches.Length} batches of {batches[0].Length}: mean {all.Average():F1} tokens, median "
            + $"{all[all.Length / 2]}, 95% {all[(int)(all.Length * 0.95)]}, longest {all[^1]}; "
            + $"mean longest of a batch {longest:F0}");
    }
}
