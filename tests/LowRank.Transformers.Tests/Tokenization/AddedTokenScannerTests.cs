using LowRank.Transformers.Tokenization;

namespace LowRank.Transformers.Tests.Tokenization;

public sealed class AddedTokenScannerTests
{
    [Theory]
    [InlineData("a<x>b", "a|#1|b")]
    [InlineData("<x><x>", "#1|#1")]
    [InlineData("<xx>", "#2")]
    [InlineData("<x", "<x")]
    [InlineData("", "")]
    [InlineData("a <mask> b", "a|#3| b")]
    [InlineData("<x>  <mask>", "#1|#3")]
    [InlineData("a<r>  b", "a|#4|b")]
    [InlineData("dog hotdog dogs dog", "#5| hotdog dogs |#5")]
    [InlineData("dogdog", "dogdog")]
    [InlineData("dog-é", "#5|-é")]
    [InlineData("édog", "édog")]
    public void Split_Text_CutsAtTheTokens(string text, string pieces)
    {
        var scanner = new AddedTokenScanner(
            [
                new("<x>", 1),
                new("<xx>", 2),
                new("<mask>", 3, TakesLeftSpace: true),
                new("<r>", 4, TakesRightSpace: true),
                new("dog", 5, SingleWord: true),
            ],
            content => content);

        Assert.Equal(pieces, string.Join('|', scanner.Split(text).Select(piece =>
            piece.Id is { } id ? $"#{id}" : text[piece.Text])));
        Assert.Equal(pieces == text && !text.Contains("dog", StringComparison.Ordinal), scanner.FindsNothingIn(text));
    }

    [Fact]
    public void Split_LongestOfThoseThatBeginTogether_Wins()
    {
        var scanner = new AddedTokenScanner([new("ab", 1), new("abc", 2), new("bcd", 3)], content => content);

        Assert.Equal([2], scanner.Split("abcd").Select(piece => piece.Id).OfType<int>());
    }
}
