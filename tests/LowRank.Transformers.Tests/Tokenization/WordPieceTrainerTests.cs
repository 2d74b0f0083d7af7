using LowRank.Testing;
using LowRank.Transformers.Tokenization;

namespace LowRank.Transformers.Tests.Tokenization;

public sealed class WordPieceTrainerTests : IDisposable
{
    private static readonly string[] Text =
        [.. Enumerable.Repeat("The lower tower, the slower flower!", 5), "Low lower slow.", "An unseen café"];

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Train_Merges_TakeTheMostFrequentNeighboursFirst()
    {
        // "er": lower, tower, slower, flower, 5 times each and lower once more; "ow" twice more, in low and slow.
        var pieces = WordPieceTrainer.Train(Text);
        var merged = pieces.SkipWhile(piece => piece != "##z").Skip(1).Where(piece => piece.Replace("##", "").Length > 1).ToList();
        Assert.Equal("##ow", merged[0]);
        Assert.True(merged.IndexOf("##er") < merged.IndexOf("lower") || merged.IndexOf("##ower") < merged.IndexOf("lower"));
        Assert.Contains("flower", merged);
        Assert.Contains("the", merged);
        Assert.DoesNotContain("unseen", merged); // occurs once
    }

    [Fact]
    public void Train_Pieces_AreDistinctAndBeginWithTheSpecials()
    {
        var pieces = WordPieceTrainer.Train(Text);
        Assert.Equal(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], pieces.Take(5));
        Assert.Equal(pieces.Count, pieces.Distinct().Count());
        Assert.Equal(pieces, WordPieceTrainer.Train(Text));
        Assert.Equal(pieces, WordPieceTrainer.Train(Text.Reverse()));
    }

    [Fact]
    public void Train_Size_IsNotExceeded()
    {
        var text = Enumerable.Range(0, 2000).Select(number => $"word{number} other{number % 77}").ToArray();
        Assert.Equal(300, WordPieceTrainer.Train(text, new() { Size = 300 }).Count);
    }

    [Theory]
    [InlineData(true, "The slower Flower: costs $5 (or more)?", "the slower flower : costs $ 5 ( or more ) ?")]
    [InlineData(false, "Low Tower", "Low Tower")]
    public void Write_Files_GiveAnEncoderThatSpellsEveryWord(bool lowerCase, string text, string words)
    {
        WordPieceTrainer.Write(_scratch.Path, WordPieceTrainer.Train(Text, new() { LowerCase = lowerCase }), lowerCase);
        var encoder = TextEncoders.Load(_scratch.Path);
        var ids = encoder.EncodePlain(text);
        Assert.DoesNotContain(encoder.SpecialTokens.Unknown!.Value, ids);
        Assert.Equal(words, string.Join(' ', ids.Select(encoder.TokenOf)).Replace(" ##", "", StringComparison.Ordinal));
        Assert.NotNull(encoder.SpecialTokens.Mask);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Write_BothFiles_GiveTheSameIds(bool lowerCase)
    {
        const string Sentence = "The slower Flower: caf\u00e9 [MASK] costs $5 (or more)? [SEP]";
        WordPieceTrainer.Write(_scratch.Path, WordPieceTrainer.Train(Text, new() { LowerCase = lowerCase }), lowerCase);
        var json = TextEncoders.Load(_scratch.Path);
        File.Delete(_scratch["tokenizer.json"]);
        var lines = TextEncoders.Load(_scratch.Path);
        Assert.Equal(lines.Encode(Sentence, "low").Ids, json.Encode(Sentence, "low").Ids);
        Assert.Equal(lines.Encode(Sentence, "low").TypeIds, json.Encode(Sentence, "low").TypeIds);
        Assert.Equal(lines.Decode(lines.EncodePlain(Sentence)), json.Decode(json.EncodePlain(Sentence)));
        Assert.Equal(lines.SpecialTokens, json.SpecialTokens);
    }

    [Fact]
    public void Write_AFrequentWord_IsOnePiece()
    {
        WordPieceTrainer.Write(_scratch.Path, WordPieceTrainer.Train(Text));
        Assert.Single(TextEncoders.Load(_scratch.Path).EncodePlain("Flower"));
    }

    [Fact]
    public void Train_NoWords_IsRefused() =>
        Assert.Contains("no words", Assert.Throws<ArgumentException>(() => WordPieceTrainer.Train(["", " "])).Message);

    [Fact]
    public void Train_TooSmall_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => WordPieceTrainer.Train(Text, new() { Size = 10 }));
}
