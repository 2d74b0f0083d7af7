using LowRank.Transformers.Tokenization;

namespace LowRank.Transformers.Tests.Tokenization;

public sealed class CanonicalDecompositionTests
{
    [Theory]
    [InlineData("abc", "abc")]
    [InlineData("é", "e\u0301")]
    [InlineData("ế", "e\u0302\u0301")]
    [InlineData("한", "\u1112\u1161\u11ab")]
    [InlineData("가", "\u1100\u1161")]
    [InlineData("힣", "\u1112\u1175\u11c2")]
    [InlineData("\u212b", "A\u030a")]
    [InlineData("ﬁ", "ﬁ")]
    [InlineData("a\u0301\u0323", "a\u0323\u0301")]
    [InlineData("ḍ\u0307\u0323", "d\u0323\u0323\u0307")]
    [InlineData("\U0001D15E", "\U0001D157\U0001D165")]
    public void Decompose_Text_IsCanonical(string text, string parts) =>
        Assert.Equal(parts, string.Concat(CanonicalDecomposition.Decompose(text)));

    [Fact]
    public void Decompose_AllCharacters_IsIdempotent()
    {
        for (var code = 0; code <= 0x10FFFF; code++)
        {
            if (System.Text.Rune.IsValid(code))
            {
                var once = string.Concat(CanonicalDecomposition.Decompose(new System.Text.Rune(code).ToString()));
                Assert.Equal(once, string.Concat(CanonicalDecomposition.Decompose(once)));
            }
        }
    }

    [Fact]
    public void Decompose_ThousandsOfMarks_IsDone() =>
        Assert.Equal(200_000, CanonicalDecomposition.Decompose(
            string.Concat(Enumerable.Repeat("\u0301\u0323", 100_000))).Count);
}
