using CsCheck;
using LowRank.FineTuning.Data;
using LowRank.Tensors;

namespace LowRank.FineTuning.Tests.Data;

public sealed class BatchSamplerTests
{
    private static readonly Seed Seed = Seed.From(3);

    [Fact]
    public void Epoch_Anything_HasEachRowOnce() =>
        Gen.Select(Gen.Int[1, 200], Gen.Int[1, 40], Gen.Int[0, 5], Gen.Enum<BatchOrder>(), Gen.Bool, Gen.Int)
            .Sample((rows, size, epoch, order, drops, seed) =>
            {
                var lengths = Enumerable.Range(0, rows).Select(row => row * 7919 % 31).ToArray();
                var sampler = new BatchSampler(rows, size, Seed.From(seed), order, drops, lengths);
                var batches = sampler.Epoch(epoch);
                var drawn = batches.SelectMany(batch => batch).ToList();
                var dropped = drops && rows > size ? rows % size : 0;
                Assert.Equal(sampler.BatchesPerEpoch, batches.Count);
                Assert.Equal(rows - dropped, drawn.Distinct().Count());
                Assert.Equal(rows - dropped, drawn.Count);
                Assert.All(drawn, row => Assert.InRange(row, 0, rows - 1));
                Assert.All(batches.Take(batches.Count - 1), batch => Assert.Equal(size, batch.Length));

                // Another sampler, asked for this epoch alone, agrees: a run resumes anywhere.
                var other = new BatchSampler(rows, size, Seed.From(seed), order, drops, lengths);
                Assert.Equal(batches, other.Epoch(epoch));
            });

    [Fact]
    public void Epoch_Shuffled_DiffersByEpochAndSeed()
    {
        var sampler = new BatchSampler(50, 8, Seed);

        Assert.NotEqual(sampler.Epoch(0), sampler.Epoch(1));
        Assert.NotEqual(sampler.Epoch(0), new BatchSampler(50, 8, Seed.From(4)).Epoch(0));
        Assert.Equal(7, sampler.BatchesPerEpoch);
        Assert.Equal(6, new BatchSampler(50, 8, Seed, dropsLast: true).BatchesPerEpoch);
        Assert.Equal(1, new BatchSampler(5, 8, Seed, dropsLast: true).BatchesPerEpoch);
    }

    [Fact]
    public void Batch_Step_IsThatOfItsEpoch()
    {
        var sampler = new BatchSampler(10, 4, Seed);

        Assert.Equal(sampler.Epoch(0)[2], sampler.Batch(2));
        Assert.Equal(sampler.Epoch(2)[1], sampler.Batch(7));
    }

    [Fact]
    public void Epoch_PinnedSeed_NeverChanges() =>
        Assert.Equal("4 6 3 | 1 2 7 | 0 5", Written(new BatchSampler(8, 3, Seed.From(0)).Epoch(0)));

    [Fact]
    public void Epoch_Sequential_IsTheOrderOfTheData() =>
        Assert.Equal("0 1 2 | 3 4", Written(new BatchSampler(5, 3, Seed, BatchOrder.Sequential).Epoch(9)));

    [Fact]
    public void Epoch_LongestFirst_IsSortedAndStable() =>
        Assert.Equal("1 3 | 0 2", Written(
            new BatchSampler(4, 2, Seed, BatchOrder.LongestFirst, lengths: [1, 9, 1, 9]).Epoch(0)));

    [Fact]
    public void Epoch_ShuffledByLength_PadsLess()
    {
        var random = new Random(5);
        var lengths = Enumerable.Range(0, 1600).Select(_ => random.Next(5, 120)).ToArray();
        double Padded(BatchOrder order) => new BatchSampler(1600, 16, Seed, order, lengths: lengths).Epoch(0)
            .Sum(batch => batch.Length * batch.Max(row => lengths[row])) / (double)lengths.Sum();

        Assert.InRange(Padded(BatchOrder.ShuffledByLength), 1, 1.05);
        Assert.True(Padded(BatchOrder.Shuffled) > 1.5);
    }

    [Fact]
    public void Constructor_FaultyArguments_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchSampler(0, 1, Seed));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchSampler(1, 0, Seed));
        Assert.Throws<ArgumentException>(() => new BatchSampler(2, 1, Seed, BatchOrder.LongestFirst));
        Assert.Throws<ArgumentException>(() => new BatchSampler(2, 1, Seed, lengths: [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchSampler(2, 1, Seed).Epoch(-1));
    }

    private static string Written(IEnumerable<int[]> batches) =>
        string.Join(" | ", batches.Select(batch => string.Join(' ', batch)));
}
