using LowRank.FineTuning.Metrics.Generation;

namespace LowRank.FineTuning.Tests.Metrics.Generation;

public sealed class RougeTests
{
    private const string Fox = "The quick brown fox jumps over the lazy dog";
    private const string Log = "The quick brown dog jumps on the log.";

    [Fact]
    public void Runs_ExampleOfThePackage_IsItsResult()
    {
        Assert.Equal(new OverlapScore(6 / 8.0, 6 / 9.0), Rouge.Runs(Log, Fox, 1, stems: true));
        Assert.Equal(0.70588, Rouge.Runs(Log, Fox, 1, stems: true).F, 5e-6);
        Assert.Equal(new OverlapScore(5 / 8.0, 5 / 9.0), Rouge.Longest(Log, Fox, stems: true));
    }

    [Fact]
    public void AllKinds_ExamplesOfThePackagesTests_AreTheirResults()
    {
        const string Target = "testing one two";
        Assert.Equal(new OverlapScore(1, 1 / 3.0), Rouge.Runs("testing", Target, 1));
        Assert.Equal(new OverlapScore(1, 1 / 2.0), Rouge.Runs("testing one", Target, 2));
        Assert.Equal(new OverlapScore(1, 2 / 3.0), Rouge.Longest("testing one", Target));
        Assert.Equal(new OverlapScore(1, 2 / 3.0), Rouge.Longest("testing two", Target));
        Assert.Equal(4 / 5.0, Rouge.Longest("testing two", Target).F, 1e-12);
    }

    [Fact]
    public void Mean_ByHand_IsOverRows() => // F of 1/2 and 1/1, and 0
        Assert.Equal(
            1 / 3.0, GenerationScores.Of(["hello goodbye", "ankh morpork"], [["goodbye"], ["general kenobi"]]).Rouge1, 1e-12);

    [Fact]
    public void Mean_SeveralReferences_TakesTheBestForEachKind()
    {
        // "b a" shares both words, "a x y z b" their order.
        var scores = GenerationScores.Of(["a b"], [["b a", "a x y z b"]]);
        Assert.Equal(1, scores.Rouge1, 1e-12);
        Assert.Equal(4 / 7.0, scores.RougeL, 1e-12); // 2 of 2 and 2 of 5, against 1 of 2 and 1 of 2
    }

    [Fact]
    public void Runs_Pairs_AreCountedByHand() =>
        Assert.Equal(new OverlapScore(2 / 7.0, 2 / 8.0), Rouge.Runs(Log, Fox, 2)); // the quick, quick brown

    [Fact]
    public void Runs_WithStems_JoinsForms()
    {
        Assert.Equal(0, Rouge.Runs("tests passing", "testing passes", 1).F);
        Assert.Equal(1, Rouge.Runs("tests passing", "testing passes", 1, stems: true).F);
        Assert.Equal(0, Rouge.Runs("try", "tries", 1, stems: true).F); // "tries" becomes "tri", "try" is left alone
    }

    [Fact]
    public void LongestOfLines_LinsExample_IsTheUnion()
    {
        // Lin 2004: w1 w2 w3 w4 w5 against w1 w2 w6 w7 w8 and w1 w3 w8 w9 w5: w1 w2 and w1 w3 w5 join to four of five.
        var score = Rouge.LongestOfLines("w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5", "w1 w2 w3 w4 w5");
        Assert.Equal(new OverlapScore(4 / 10.0, 4 / 5.0), score);
    }

    [Fact]
    public void LongestOfLines_TokenInTwoLines_CountsAsOftenAsItIsThere()
    {
        // Both lines of the reference find the one "a".
        Assert.Equal(new OverlapScore(1 / 2.0, 1 / 4.0), Rouge.LongestOfLines("a x", "a b\na c"));
        Assert.Equal(Rouge.Longest(Log, Fox), Rouge.LongestOfLines(Log, Fox));
    }

    [Fact]
    public void AllKinds_NothingToCompare_AreZero()
    {
        foreach (var (prediction, reference) in new[] { ("", "a"), ("a", ""), ("", ""), ("!?", "a") })
        {
            Assert.Equal(0, Rouge.Runs(prediction, reference, 1).F);
            Assert.Equal(0, Rouge.Longest(prediction, reference).F);
            Assert.Equal(0, Rouge.LongestOfLines(prediction, reference).F);
        }
    }
}
