using LowRank.Tensors;

namespace LowRank.Benchmarks;

/// <summary>One batch of random sources and targets, with lengths like E2E's under T5's tokenizer.</summary>
/// <remarks>
/// E2E's development set: sources of 16 to 57 tokens, mean 40.8, median 42, 95 % up to 53; targets of 7 to 91, mean 29.7,
/// median 30, 95 % up to 43. Both are close to normal; the longest targets are cut to 64.
/// </remarks>
internal sealed record PairData(int[][] Sources, int[][] Targets, Seed Dropout)
{
    public int Tokens => Sources.Concat(Targets).Sum(row => row.Length);

    public static PairData Draw(int rows, Seed seed)
    {
        var random = seed.For("pairs").Random();
        return new(Texts(41, 8, 16, 57), Texts(30, 8, 7, 64), seed.For("dropout"));

        int[][] Texts(double mean, double spread, int least, int most) => [.. Enumerable.Range(0, rows).Select(_ =>
        {
            var z = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            var length = Math.Clamp((int)Math.Round(mean + (spread * z)), least, most);
            return Enumerable.Range(0, length).Select(_ => random.Next(3, 32_000)).ToArray();
        })];
    }
}
