using LowRank.FineTuning.Metrics.Generation;

namespace LowRank.FineTuning.Tests.Metrics.Generation;

public sealed class ChrFTests
{
    [Fact]
    public void Of_ExampleOfEvaluatesCard_IsItsResult() => Assert.Equal(
        84.64214891738334,
        100 * ChrF.Of(
            [
                "The relationship between cats and dogs is not exactly friendly.",
                "a good bookshop is just a genteel black hole that knows how to read.",
            ],
            [
                ["The relationship between dogs and cats is not exactly friendly."],
                ["A good bookshop is just a genteel Black Hole that knows how to read."],
            ]),
        1e-9);

    // sacreBLEU's tests with effective orders: precision is recall, so that beta does not matter.
    [Theory]
    [InlineData("a", "a", 100)]
    [InlineData("a b c", "abc", 100)]
    [InlineData("aa", "ab", 25)]
    [InlineData("", "reference", 0)]
    public void Of_ShortTexts_CountOrdersThatBothHave(string prediction, string reference, double percent) =>
        Assert.Equal(percent, 100 * ChrF.Of([prediction], [[reference]]), 1e-9);

    [Fact]
    public void Of_Corpus_SumsItsRows() => Assert.Equal(0.5, ChrF.Of(["a", "b"], [["a"], ["c"]]), 1e-12);

    [Fact]
    public void Of_ByHand_CountsRunsOfCharacters()
    {
        // "abc" and "abd": precisions and recalls 2/3, 1/2, 0; longer runs are in neither.
        Assert.Equal((2 / 3.0 + 0.5) / 3, ChrF.Of(["a bc"], [["abd"]]), 1e-12);
        Assert.Equal(ChrF.Of(["abc"], [["abd"]]), ChrF.Of(["abc"], [["x", "abd"]]), 1e-12);
    }

    [Fact]
    public void Of_RunsLongerThanTheReference_DoNotCount()
    {
        // The first row has characters alone to offer; its pair "ab" is not held against the corpus: precisions 3/4 and
        // 1/1, recalls 3/3 and 1/1.
        const double Precision = (0.75 + 1) / 2;
        Assert.Equal(5 * Precision / ((4 * Precision) + 1), ChrF.Of(["ab", "xy"], [["a"], ["xy"]]), 1e-12);
    }

    [Fact]
    public void Of_EmptyReference_DoesNotCountBesideOthers() =>
        Assert.Equal(ChrF.Of(["xy", "ab"], [["pqr"], ["ab"]]), ChrF.Of(["xy", "ab"], [["", "pqr"], ["ab"]]), 1e-12);
}
