using LowRank.Testing;
using LowRank.Transformers.Tokenization;

namespace LowRank.Transformers.Tests.Tokenization;

public sealed class UnigramTrainerTests : IDisposable
{
    private static readonly string[] Text =
        [.. Enumerable.Repeat("The lower tower, the slower flower!", 50), "Low lower slow.", "An unseen caf\u00e9 \ud83d\ude00"];

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Train_Pieces_StandInT5sOrder()
    {
        var pieces = UnigramTrainer.Train(Text, new() { Sentinels = 10 });
        Assert.Equal([("<pad>", 0), ("</s>", 0), ("<unk>", 0)], pieces.Take(3));
        Assert.Equal(["<extra_id_1>", "<extra_id_0>"], pieces.TakeLast(2).Select(piece => piece.Piece));
        var learned = pieces.Skip(3).SkipLast(10).ToList();
        Assert.Equal(learned.OrderByDescending(piece => piece.Score).Select(piece => piece.Score), learned.Select(piece => piece.Score));
        Assert.Equal(pieces.Count, pieces.Select(piece => piece.Piece).Distinct().Count());
        Assert.All(learned, piece => Assert.True(piece.Score < 0, piece.ToString()));
    }

    [Fact]
    public void Train_Text_DecidesAlone()
    {
        Assert.Equal(UnigramTrainer.Train(Text), UnigramTrainer.Train(Text.Reverse()));
        Assert.NotEqual(UnigramTrainer.Train(Text), UnigramTrainer.Train(Text.Append("lower lower")));
    }

    [Fact]
    public void Train_FrequentWords_ArePiecesAndSignsStandAlone()
    {
        string[] pieces = [.. UnigramTrainer.Train(Text, new() { Sentinels = 0 }).Skip(3).Select(piece => piece.Piece)];
        Assert.Subset(pieces.ToHashSet(), new HashSet<string> { "\u2581The", "\u2581lower", "\u2581slower", "!", "," });
        Assert.DoesNotContain(pieces, piece => piece.Length > 1 && piece.Any(char.IsAsciiLetter) && piece.Any(char.IsPunctuation));
        Assert.DoesNotContain("\u2581unseen", pieces); // occurs once
    }

    [Fact]
    public void Train_Size_IsKeptByTheBestPieces()
    {
        // Two hundred words of three letters, the first ones far more frequent.
        var text = Enumerable.Range(0, 200)
            .SelectMany(number => Enumerable.Repeat($"{Letter(number / 100)}{Letter(number / 10 % 10)}{Letter(number % 10)}", number < 50 ? 90 : 3))
            .ToArray();
        var pieces = UnigramTrainer.Train(text, new() { Size = 300, Sentinels = 100 });
        Assert.Equal(300, pieces.Count);
        var words = pieces.Select(piece => piece.Piece).Where(piece => piece.Length == 4 && piece[0] == '\u2581').ToList();
        Assert.InRange(words.Count(word => word[1] == 'a' && word[2] < 'f'), 40, 50);

        static char Letter(int number) => (char)('a' + number);
    }

    [Theory]
    [InlineData("The slower Flower: costs $5 (or more)?")]
    [InlineData(" tower  lower\tlow caf\u00e9 \ud83d\ude00 ")]
    [InlineData("<extra_id_0> tower</s>")]
    [InlineData("")]
    public void Write_Files_GiveEncodersThatAgreeAndSpellEverything(string text)
    {
        UnigramTrainer.Write(_scratch.Path, UnigramTrainer.Train(Text));
        var json = TextEncoders.Load(_scratch.Path);
        File.Delete(_scratch["tokenizer.json"]);
        var message = TextEncoders.Load(_scratch.Path);
        Assert.Equal(json.Encode(text, "low").Ids, message.Encode(text, "low").Ids);
        Assert.Equal(json.VocabularySize, message.VocabularySize);
        Assert.Equal((0, 1, 2), (json.SpecialTokens.Padding, json.SpecialTokens.End, json.SpecialTokens.Unknown));
        Assert.DoesNotContain(2, json.EncodePlain(text));
        Assert.Equal(string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), json.Decode(json.EncodePlain(text), skipSpecialTokens: false));
    }

    [Fact]
    public void Write_Sentinels_AreSpecialTokens()
    {
        UnigramTrainer.Write(_scratch.Path, UnigramTrainer.Train(Text, new() { Sentinels = 7 }));
        var encoder = TextEncoders.Load(_scratch.Path);
        Assert.Equal(encoder.VocabularySize - 1, encoder.IdOf("<extra_id_0>"));
        Assert.Equal(encoder.VocabularySize - 7, encoder.IdOf("<extra_id_6>"));
        Assert.True(encoder.IsSpecialToken(encoder.VocabularySize - 7));
        Assert.False(encoder.IsSpecialToken(encoder.VocabularySize - 8));
    }

    [Fact]
    public void Train_NoWords_IsRefused() =>
        Assert.Contains("no words", Assert.Throws<ArgumentException>(() => UnigramTrainer.Train(["", " "])).Message);

    [Theory]
    [InlineData(100, 0)]
    [InlineData(300, 200)]
    public void Train_NoRoom_IsRefused(int size, int sentinels) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => UnigramTrainer.Train(Text, new() { Size = size, Sentinels = sentinels }));
}
