using LowRank.FineTuning.Data;
using LowRank.Tensors;
using LowRank.Transformers.Tokenization;

namespace LowRank.FineTuning.Tests.Data;

public sealed class ExampleSetTests
{
    private static readonly Seed Seed = Seed.From(7);

    [Fact]
    public void FewShot_Classes_TakesSoManyOfEach()
    {
        var set = Classes(10, 20, 3).FewShot(5, Seed);

        Assert.Equal([5, 5, 3], set.Report.LabelCounts.Select(label => label.Count));
        Assert.Equal("few-shot: 5 rows of each class, seed 7; fewer exist of c2", set.Report.Notes[^1]);
        Assert.Equal(13, set.Report.Kept);
        Assert.Equal(33, set.Report.Rows);
    }

    [Fact]
    public void FewShot_SameSeed_IsTheSameAndAnotherDiffers()
    {
        var data = Classes(50, 50);

        Assert.Equal(data.FewShot(8, Seed).Examples, data.FewShot(8, Seed).Examples);
        Assert.NotEqual(data.FewShot(8, Seed).Examples, data.FewShot(8, Seed.From(8)).Examples);
    }

    [Fact]
    public void FewShot_AnotherClassAdded_LeavesTheOthersAlone()
    {
        var two = Classes(30, 30).FewShot(4, Seed).Examples;
        var three = Classes(30, 30, 30).FewShot(4, Seed).Examples;

        Assert.Equal(two, three.Where(example => example.Target < 2));
    }

    [Fact]
    public void FewShot_Numbers_IsRefused()
    {
        var fault = Assert.Throws<ArgumentException>(() => Numbers(5).FewShot(2, Seed));

        Assert.Contains("Take a number of samples instead", fault.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Classes(5, 5).FewShot(0, Seed));
    }

    [Fact]
    public void Sample_WithoutReplacement_TakesDifferentRowsInOrder()
    {
        var set = Numbers(100).Sample(30, Seed);

        Assert.Equal(30, set.Examples.Distinct().Count());
        Assert.Equal(set.Examples.OrderBy(example => example.Target), set.Examples);
        Assert.Equal("30 of 100 rows drawn, seed 7", set.Report.Notes[^1]);
        Assert.Equal(100, Numbers(100).Sample(500, Seed).Count);
    }

    [Fact]
    public void Sample_WithReplacement_DrawsAsThePaperDoes()
    {
        // Of 1024 draws among 2490 rows (RTE), about 2490 (1 - exp(-1024/2490)) = 840 are different.
        var set = Numbers(2490).Sample(1024, Seed, withReplacement: true);

        Assert.Equal(1024, set.Count);
        var different = set.Examples.Distinct().Count();
        Assert.InRange(different, 800, 880);
        Assert.Equal($"1024 rows drawn with replacement, {different} different, seed 7", set.Report.Notes[^1]);
    }

    [Fact]
    public void Split_Classes_KeepTheirShares()
    {
        var (training, validation) = Classes(80, 15, 5).Split(0.2, Seed);

        Assert.Equal([16, 3, 1], validation.Report.LabelCounts.Select(label => label.Count));
        Assert.Equal([64, 12, 4], training.Report.LabelCounts.Select(label => label.Count));
    }

    [Fact]
    public void Split_ScarceClasses_KeepARowForTraining()
    {
        var (training, validation) = Classes(10, 1, 2).Split(0.5, Seed);

        Assert.All(training.Report.LabelCounts, label => Assert.True(label.Count >= 1));
        Assert.Equal(13, training.Count + validation.Count);
        Assert.Equal(7, validation.Count);
    }

    [Fact]
    public void Split_Numbers_SpreadAlike()
    {
        var (training, validation) = Numbers(1000).Split(0.1, Seed);

        Assert.Equal(100, validation.Count);
        Assert.Equal(training.Report.LabelSummary!.Mean, validation.Report.LabelSummary!.Mean, 10.0);
    }

    [Fact]
    public void Split_TooLittle_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => Numbers(1).Split(0.5, Seed));
        Assert.Throws<ArgumentException>(() => Numbers(5).Split(1, Seed));
        Assert.Throws<ArgumentException>(() => Numbers(5).Split(double.NaN, Seed));
        var (training, validation) = Classes(1, 1).Split(0.5, Seed);
        Assert.Equal((1, 1), (training.Count, validation.Count));
    }

    [Fact]
    public void ClassWeights_RareClasses_WeighMore()
    {
        // scikit-learn's compute_class_weight("balanced"): n / (classes * rows of the class).
        Assert.Equal([12.0 / 24, 12.0 / 9, 12.0 / 3], Classes(8, 3, 1).ClassWeights());
        Assert.Throws<InvalidDataException>(() => Numbers(3).ClassWeights());
    }

    [Fact]
    public void CheckTrainable_NothingToLearn_IsRefusedWithTheReason()
    {
        Classes(2, 1).CheckTrainable();
        Numbers(2).CheckTrainable();
        AssertRefused("the rows have no labels", ExampleSet.Of([new("a")]));
        AssertRefused("every row has the label 'c0'", Classes(3));
        AssertRefused("no row has the label 'c1' of the 3 classes", Classes(3, 0, 2));
        AssertRefused("every label is 4", ExampleSet.Of([new("a", null, 4), new("b", null, 4)]));
    }

    [Fact]
    public void KeepWithin_LongRows_AreDroppedAndReported()
    {
        var data = ExampleSet.Of([new("a", null, 1), new("a a a", null, 2), new("a", "a", 3)]);

        var kept = data.KeepWithin(Encoder, 4);

        Assert.Equal([1.0], kept.Examples.Select(example => example.Target!.Value));
        var dropped = Assert.Single(kept.Report.Dropped);
        Assert.Equal(("longer than 4 tokens, among those read", 2), (dropped.Reason, dropped.Count));
        Assert.Equal([2, 3], dropped.Lines);
        Assert.Same(data, data.KeepWithin(Encoder, 5));
        Assert.Throws<InvalidDataException>(() => data.KeepWithin(Encoder, 2));
    }

    [Fact]
    public void Measure_Tokens_CountsThoseThatAreCut()
    {
        var tokens = ExampleSet.Of([new("a"), new("a a a"), new("a", "a")]).Measure(Encoder, 4).Report.Tokens!;

        Assert.Equal((2, 4), (tokens.Truncated, tokens.Limit));
        Assert.Equal(new Summary(3, 3, 13.0 / 3, 5, 5, 5), tokens.Tokens);
        Assert.Equal("3 to 5, mean 4.333, median 5, 95 % up to 5; 2 over 4 are cut", tokens.ToString());
    }

    [Fact]
    public void Constructor_TargetsThatDoNotFit_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => ExampleSet.Of([]));
        Assert.Throws<ArgumentException>(() => ExampleSet.Of([new("a", null, 1), new("b")]));
        Assert.Throws<ArgumentException>(() => ExampleSet.Of([new("a", null, double.NaN)]));
        Assert.Throws<ArgumentException>(() => ExampleSet.Of([new("a", null, 2)], new(["x", "y"])));
        Assert.Throws<ArgumentException>(() => ExampleSet.Of([new("a", null, 0.5)], new(["x", "y"])));
        Assert.Throws<InvalidOperationException>(() => new Example("a").ClassIndex);
        Assert.Throws<InvalidOperationException>(() => Numbers(2).ClassIndices());
    }

    private static WordPieceEncoder Encoder { get; } = new(
        new[] { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "a" }.Select((piece, id) => (piece, id))
            .ToDictionary(entry => entry.piece, entry => entry.id));

    internal static ExampleSet Classes(params int[] counts) => ExampleSet.Of(
        [.. counts.SelectMany((count, label) =>
            Enumerable.Range(0, count).Select(row => new Example($"{label}/{row}", null, label)))],
        new(counts.Select((_, label) => $"c{label}")));

    internal static ExampleSet Numbers(int count) =>
        ExampleSet.Of([.. Enumerable.Range(0, count).Select(row => new Example($"{row}", null, row))]);

    private static void AssertRefused(string words, ExampleSet set)
    {
        var fault = Assert.Throws<InvalidDataException>(set.CheckTrainable);
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
    }
}
