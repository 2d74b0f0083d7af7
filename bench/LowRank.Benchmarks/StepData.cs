using LowRank.Tensors;

namespace LowRank.Benchmarks;

/// <summary>One batch of random token ids and targets.</summary>
internal sealed record StepData(int[][] Ids, float[] Targets, Seed Dropout)
{
    public int Tokens => Ids.Sum(row => row.Length);

    public int Longest => Ids.Max(row => row.Length);

    public static StepData Draw(int[] lengths, Seed seed)
    {
        var random = seed.For("ids").Random();
        var ids = Array.ConvertAll(
            lengths, length => Enumerable.Range(0, length).Select(_ => random.Next(1000, 30000)).ToArray());
        return new(ids, [.. lengths.Select(_ => (float)(5 * random.NextDouble()))], seed.For("dropout"));
    }
}
