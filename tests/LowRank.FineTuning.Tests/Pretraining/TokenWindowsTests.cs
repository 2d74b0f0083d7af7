using LowRank.FineTuning.Pretraining;
using LowRank.FineTuning.Tests.Runs;
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
        var windows = new TokenWindows(Lines, _encoder, 8, 2);
        Assert.All(windows.Ids.SkipLast(1), ids => Assert.Equal(8, ids.Length));
        Assert.All(windows.Ids, ids => Assert.Equal(_encoder.SpecialTokens.Start, ids[0]));
        var text = windows.Ids.SelectMany(ids => ids.Skip(1));
        Assert.Equal(Lines.SelectMany(line => _encoder.EncodePlain(line).Append(_encoder.SpecialTokens.End!.Value)), text);
        Assert.Equal(windows.Ids.Sum(ids => ids.Length), windows.Tokens);
    }

    [Fact]
    public void Windows_Lines_TakeTypesInTurn()
    {
        var windows = new TokenWindows(Lines, _encoder, 100, 2);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0], windows.Types[0]);
        Assert.All(new TokenWindows(Lines, _encoder, 100, 1).Types[0], type => Assert.Equal(0, type));
    }

    [Fact]
    public void Windows_OfNoText_AreNone() => Assert.Equal(0, new TokenWindows([], _encoder, 8, 2).Count);
}
