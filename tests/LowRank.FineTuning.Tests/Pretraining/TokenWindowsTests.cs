using LowRank.FineTuning.Pretraining;
using LowRank.FineTuning.Tests.Runs;
using LowRank.Tensors;
using LowRank.Testing;
using LowRank.Transformers.Tokenization;

namespace LowRank.FineTuning.Tests.Pretraining;

public sealed class TokenWindowsTests : IDisposable
{
    private static readonly string[] Lines = ["the film was great .", "we saw this plot", "it was very dull !"];
    private readonly ScratchFolder _scratch = new();
    private readonly TextEncoder _encoder;

    public TokenWindowsTests() => _encoder = TextEncoders.Load(TinyBert.Write(_scratch["bert"]));

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Windows_OfLines_AreFullAndLoseNothing()
    {
        var windows = TokenWindows.OfPairs(Lines, _encoder, 8, 2);
        var rows = Rows(windows);
        Assert.All(rows.SkipLast(1), row => Assert.Equal(8, row.Ids.Length));
        Assert.All(rows, row => Assert.Equal(_encoder.SpecialTokens.Start, row.Ids[0]));
        var text = rows.SelectMany(row => row.Ids.Skip(1));
        Assert.Equal(Lines.SelectMany(line => _encoder.EncodePlain(line).Append(_encoder.SpecialTokens.End!.Value)), text);
        Assert.Equal(rows.Sum(row => row.Ids.Length), windows.Tokens);
    }

    [Fact]
    public void Windows_Lines_TakeTypesInTurn()
    {
        var windows = TokenWindows.OfPairs(Lines, _encoder, 100, 2);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0], Rows(windows)[0].Types);
        Assert.All(Rows(TokenWindows.OfPairs(Lines, _encoder, 100, 1))[0].Types, type => Assert.Equal(0, type));
    }

    [Fact]
    public void OfText_Windows_HoldTextAlone()
    {
        var rows = Rows(TokenWindows.OfText(Lines, _encoder, 8));
        Assert.All(rows.SkipLast(1), row => Assert.Equal(8, row.Ids.Length));
        Assert.Equal(Lines.SelectMany(_encoder.EncodePlain), rows.SelectMany(row => row.Ids));
    }

    [Fact]
    public void Windows_OfNoText_AreNone() => Assert.Equal(0, TokenWindows.OfPairs([], _encoder, 8, 2).Count);

    private static List<TokenRow> Rows(TokenRows rows) =>
        [.. Enumerable.Range(0, rows.Count).Select(index => rows.Row(index, Seed.From(index)))];
}
