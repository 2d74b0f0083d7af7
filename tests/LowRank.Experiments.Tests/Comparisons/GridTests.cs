using CsCheck;
using LowRank.Experiments.Comparisons;
using LowRank.Experiments.Methods;
using LowRank.FineTuning.Runs;

namespace LowRank.Experiments.Tests.Comparisons;

public sealed class GridTests
{
    private static ComparisonOptions Options => new() { Common = new FineTuneOptions { ModelFolder = "model" } };

    [Fact]
    public void Cells_Defaults_AreTheWholeGrid()
    {
        var cells = Options.Cells();
        Assert.Equal(3 * 1 * 2 * 3 * 10, cells.Count); // methods, ranks, samples, rates (the default among them), seeds
        Assert.Equal(cells.Count, cells.Select(cell => cell.FileName).Distinct().Count());
    }

    [Fact]
    public void Cells_DefaultRateNotAskedFor_IsTriedToo()
    {
        var cells = (Options with { Methods = ["lora"], LearningRates = [new(0.01, false)] }).Cells();
        var usual = MethodCatalogue.Find("lora").DefaultLearningRate(8);
        Assert.Equal(new[] { usual, 0.01 }.Order(), cells.Select(cell => cell.LearningRate).Distinct().Order());
    }

    [Fact]
    public void Cells_MethodWithoutRanks_IsThereOnce()
    {
        var cells = (Options with { Methods = ["lora", "deep-lora-wide"], Ranks = [2, 4], Samples = [16], Seeds = [7] }).Cells();
        Assert.Equal([0], cells.Where(cell => cell.Method == "deep-lora-wide").Select(cell => cell.Rank).Distinct());
        Assert.Equal([2, 4], cells.Where(cell => cell.Method == "lora").Select(cell => cell.Rank).Distinct());
    }

    [Fact]
    public void FileName_SmallRate_IsReadable() => Assert.Equal(
        "deep-lora_rank-8_rows-16_rate-0.00005_seed-3.json",
        new ComparisonCell("deep-lora", 8, 16, 5e-5, 3).FileName);

    [Fact]
    public void Shards_OfAnyNumber_PartTheCells() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 4], Gen.Int[1, 3]).Sample((count, seeds, ranks) =>
        {
            var cells = (Options with
            {
                Seeds = [.. Enumerable.Range(0, seeds).Select(seed => (long)seed)],
                Ranks = [.. Enumerable.Range(1, ranks).Select(rank => 2 * rank)],
            }).Cells();
            var parts = Enumerable.Range(1, count).Select(number => new Shard(number, count).Of(cells)).ToList();
            Assert.Equal(cells.Count, parts.Sum(part => part.Count));
            Assert.Equal(cells.ToHashSet(), parts.SelectMany(part => part).ToHashSet());
            Assert.True(parts.Max(part => part.Count) - parts.Min(part => part.Count) <= 1);
        });

    [Fact]
    public void Shard_SecondOfThree_TakesEveryThirdFromTheSecond() =>
        Assert.Equal([1, 4, 7], Shard.Parse("2/3").Of([0, 1, 2, 3, 4, 5, 6, 7, 8]));

    [Theory]
    [InlineData("0/3")]
    [InlineData("4/3")]
    [InlineData("2")]
    [InlineData("a/b")]
    [InlineData("-1/3")]
    public void Shard_Nonsense_IsRefused(string text)
    {
        var error = Assert.Throws<ArgumentException>(() => Shard.Parse(text));
        Assert.Contains($"got '{text}'; wanted i/n", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RateChoice_Multiple_HasNoRoundingNoise()
    {
        Assert.Equal(0.0001, RateChoice.Parse("0.2x").For(0.0005));
        Assert.Equal(0.03, RateChoice.Parse("0.03").For(0.0005));
        Assert.Throws<ArgumentException>(() => RateChoice.Parse("x"));
        Assert.Throws<ArgumentException>(() => RateChoice.Parse("-1"));
    }

    [Fact]
    public void Cells_OptionOutOfRange_IsNamed()
    {
        Refuses(Options with { Ranks = [0] }, "Ranks: got 0");
        Refuses(Options with { Seeds = [] }, "Seeds: got none");
        Refuses(Options with { TestShare = 1 }, "TestShare: got 1");
        Refuses(Options with { LossLevels = [2] }, "LossLevels: got 2");

        static void Refuses(ComparisonOptions options, string text) =>
            Assert.Contains(text, Assert.ThrowsAny<ArgumentException>(() => options.Cells()).Message, StringComparison.Ordinal);
    }
}
