using System.Text;
using CsCheck;
using LowRank.Transformers.Tokenization;

namespace LowRank.Transformers.Tests.Tokenization;

public sealed class ByteLevelBpeEncoderTests
{
    private const string Merges = "t+h th+e Ġ+the e+r l+l l+o ll+o h+e he+llo Ġ+hello a+a aa+a";

    [Theory]
    [InlineData("the", "the")]
    [InlineData(" the", "Ġthe")]
    [InlineData("hello hello", "hello Ġhello")]
    [InlineData("aaaa", "aa aa")]
    [InlineData("aaaaa", "aa aaa")]
    [InlineData("it's they'll'x", "i t ' s Ġthe y ' ll ' x")]
    [InlineData("a  b\n\n c \n", "a Ġ Ġ b Ċ Ċ Ġ c Ġ Ċ")]
    [InlineData("", "")]
    public void EncodePlain_Text_GivesThePieces(string text, string pieces)
    {
        var encoder = Encoder();

        Assert.Equal(pieces, string.Join(' ', encoder.EncodePlain(text).Select(encoder.TokenOf)));
    }

    [Fact]
    public void EncodePlain_WithPrefixSpace_SpellsTheFirstWordAsAnyOther()
    {
        var (vocabulary, merges) = Vocabularies.Bytes(Merges);
        var encoder = new ByteLevelBpeEncoder(vocabulary, merges, new() { AddPrefixSpace = true });

        Assert.Equal(encoder.EncodePlain(" the"), encoder.EncodePlain("the"));
        Assert.Equal([vocabulary["Ġthe"]], encoder.EncodePlain("the"));
        Assert.Empty(encoder.EncodePlain(""));
    }

    [Fact]
    public void EncodePlain_IgnoringMerges_TakesAWholeWord()
    {
        var (vocabulary, merges) = Vocabularies.Bytes("x+y", "xyz");
        var by = new ByteLevelBpeEncoder(vocabulary, merges);
        var without = new ByteLevelBpeEncoder(vocabulary, merges, new() { IgnoreMerges = true });

        Assert.Equal([vocabulary["xy"], vocabulary["z"]], by.EncodePlain("xyz"));
        Assert.Equal([vocabulary["xyz"]], without.EncodePlain("xyz"));
    }

    [Fact]
    public void EncodePlain_RareLetters_AreLetters()
    {
        // A mathematical bold A is a letter: the blank before it belongs to its word.
        var (vocabulary, merges) = Vocabularies.Bytes("Ġ+ð");

        var ids = new ByteLevelBpeEncoder(vocabulary, merges).EncodePlain("𝐀 𝐀𝐀");

        Assert.Equal(4 + 4 + 4, ids.Length);
        Assert.Equal(vocabulary["Ġð"], ids[4]);
    }

    [Fact]
    public void EncodePlain_WordOf100000Letters_IsDone()
    {
        var ids = Encoder().EncodePlain(new string('a', 100_000));

        Assert.InRange(ids.Length, 33_333, 50_000);
    }

    [Fact]
    public void Decode_WithoutTidying_GivesEveryTextBack()
    {
        var encoder = Encoder();
        Gen.String[Gen.Char["aehlort .,'\n\té\u00a0生한𝐀"], 0, 60].Where(IsUnicode).Sample(text =>
            Assert.Equal(text, encoder.Decode(encoder.EncodePlain(text), tidySpaces: false)));
    }

    [Fact]
    public void EncodePlain_AnyText_AgreesWithMicrosoftMLTokenizers()
    {
        var (vocabulary, merges) = Vocabularies.Bytes(Merges);
        var ours = new ByteLevelBpeEncoder(vocabulary, merges);
        var pattern = new System.Text.RegularExpressions.Regex(
            @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+");
        var theirs = Microsoft.ML.Tokenizers.BpeTokenizer.Create(new(vocabulary)
        {
            Merges = merges.Select(merge => $"{merge.Left} {merge.Right}"),
            ByteLevel = true,
            PreTokenizer = new Microsoft.ML.Tokenizers.RegexPreTokenizer(pattern, null),
        });

        // Characters of one half only: .NET's pattern takes the others for symbols.
        Gen.String[Gen.Char["aehlort  .,'1\n\té\u00a0\u2003生한٣½ªʰाsvm"], 0, 40].Sample(text =>
            Assert.Equal(theirs.EncodeToIds(text), ours.EncodePlain(text)));
    }

    [Fact]
    public void EncodePlain_ManyThreads_AgreeWithOne()
    {
        var encoder = Encoder();
        var texts = Enumerable.Range(0, 2000).Select(i => $"the hello{i % 97} aaaa {i}").ToArray();

        var together = new int[texts.Length][];
        Parallel.For(0, texts.Length, i => together[i] = encoder.EncodePlain(texts[i]));

        Assert.Equal(texts.Select(Encoder().EncodePlain), together);
    }

    [Fact]
    public void EncodePlain_MoreWordsThanAreKept_StaysRight()
    {
        var encoder = Encoder();
        for (var i = 0; i < 40_000; i++)
        {
            _ = encoder.EncodePlain("w" + Convert.ToString(i, 2));
        }

        Assert.Equal("hello", encoder.Decode(encoder.EncodePlain("hello")));
    }

    [Fact]
    public void Constructor_WithoutAByte_IsRefused()
    {
        var (vocabulary, merges) = Vocabularies.Bytes();
        vocabulary.Remove("A");

        var fault = Assert.Throws<ArgumentException>(() => new ByteLevelBpeEncoder(vocabulary, merges));

        Assert.Contains("no piece 'A' for the byte 65", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_MergeOfUnknownPieces_IsRefused()
    {
        var (vocabulary, _) = Vocabularies.Bytes();

        var fault = Assert.Throws<ArgumentException>(() => new ByteLevelBpeEncoder(vocabulary, [("a", "b")]));

        Assert.Contains("merge 1 ('a' with 'b'): the vocabulary has no piece 'ab'", fault.Message,
            StringComparison.Ordinal);
    }

    private static ByteLevelBpeEncoder Encoder()
    {
        var (vocabulary, merges) = Vocabularies.Bytes(Merges);
        return new(vocabulary, merges);
    }

    // A half of a character alone is no text; strings drawn by characters may hold one.
    private static bool IsUnicode(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text;
}
