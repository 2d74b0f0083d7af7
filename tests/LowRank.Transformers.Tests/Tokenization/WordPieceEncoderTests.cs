using LowRank.Transformers.Tokenization;

namespace LowRank.Transformers.Tests.Tokenization;

public sealed class WordPieceEncoderTests
{
    private static readonly WordPieceEncoder Small = new(Vocabularies.Bert(
        "un", "want", "##want", "##ed", "want ed", "run", "##ning", "ing", ",", "$", "=", "hallo", "i", "生", "a", "b",
        "##b", "1", "##2"));

    [Theory]
    [InlineData("UNwanted,running", "un ##want ##ed , run ##ning")]
    [InlineData("unwantedx", "[UNK]")]
    [InlineData("hallo$=hallo", "hallo $ = hallo")]
    [InlineData("Hällo", "hallo")]
    [InlineData("Ha\u0308llo", "hallo")]
    [InlineData("İ", "i")]
    [InlineData("生生", "生 生")]
    [InlineData("a\u200db", "a ##b")]
    [InlineData("a\u0000\ufffdb", "a ##b")]
    [InlineData("a\u000bb", "a ##b")]
    [InlineData("a\u00a0b", "a b")]
    [InlineData("a\u2028b", "a b")]
    [InlineData("a\r\n\tb", "a b")]
    [InlineData("a\ud800b", "a ##b")]
    [InlineData("a—b", "a [UNK] b")]
    [InlineData("１", "[UNK]")]
    [InlineData("12", "1 ##2")]
    [InlineData("", "")]
    public void EncodePlain_Text_GivesThePieces(string text, string pieces) =>
        Assert.Equal(pieces, string.Join(' ', Small.EncodePlain(text).Select(Small.TokenOf)));

    [Fact]
    public void EncodePlain_Hangul_IsSpelledInJamo()
    {
        // 한 = ㅎ + ㅏ + ㄴ and 가 = ㄱ + ㅏ once accents are taken off by decomposition.
        var encoder = new WordPieceEncoder(Vocabularies.Bert("\u1112", "##\u1161", "##\u11ab", "\u1100"));

        Assert.Equal([5, 6, 7], encoder.EncodePlain("한"));
        Assert.Equal([8, 6], encoder.EncodePlain("가"));
    }

    [Fact]
    public void EncodePlain_Cased_KeepsCapitalsAndAccents()
    {
        var encoder = new WordPieceEncoder(Vocabularies.Bert("Hé", "he"), new() { LowerCase = false });

        Assert.Equal([5], encoder.EncodePlain("Hé"));
        Assert.Equal([1], encoder.EncodePlain("He"));
    }

    [Fact]
    public void EncodePlain_LowerCaseWithoutStripping_KeepsAccents()
    {
        var options = new WordPieceOptions { StripAccents = false };
        var encoder = new WordPieceEncoder(Vocabularies.Bert("hé", "he", "i\u0307"), options);

        Assert.Equal([5], encoder.EncodePlain("HÉ"));
        Assert.Equal([7], encoder.EncodePlain("İ"));
    }

    [Theory]
    [InlineData(100, 100)]
    [InlineData(101, 1)]
    [InlineData(100_000, 1)]
    public void EncodePlain_LongWord_IsUnknownBeyondTheLimit(int letters, int ids)
    {
        var encoder = new WordPieceEncoder(Vocabularies.Bert("a", "##a"));

        Assert.Equal(ids, encoder.EncodePlain(new string('a', letters)).Length);
    }

    [Fact]
    public void EncodePlain_LongWordOfRareLetters_CountsCharactersNotHalves()
    {
        var encoder = new WordPieceEncoder(Vocabularies.Bert("𐐨", "##𐐨"));

        Assert.Equal(100, encoder.EncodePlain(string.Concat(Enumerable.Repeat("𐐀", 100))).Length);
        Assert.Equal([1], encoder.EncodePlain(string.Concat(Enumerable.Repeat("𐐀", 101))));
    }

    [Fact]
    public void Encode_Pair_HasTypesAndSeparators()
    {
        var encoded = Small.Encode("a b", "hallo");

        Assert.Equal("[CLS] a b [SEP] hallo [SEP]", string.Join(' ', encoded.Ids.Select(Small.TokenOf)));
        Assert.Equal([0, 0, 0, 0, 1, 1], encoded.TypeIds);
    }

    [Fact]
    public void Encode_EmptyPair_IsStillAPair()
    {
        var encoded = Small.Encode("", "");

        Assert.Equal([2, 3, 3], encoded.Ids);
        Assert.Equal([0, 0, 1], encoded.TypeIds);
    }

    [Fact]
    public void Encode_SpecialTokensInTheText_AreTheirIds()
    {
        Assert.Equal([2, Small.IdOf("a")!.Value, 4, Small.IdOf("b")!.Value, 3, 3], Small.Encode("a[MASK] b[SEP]").Ids);

        // Lower-cased, it is a text like any other.
        Assert.DoesNotContain(4, Small.Encode("[mask]").Ids);
    }

    [Theory]
    [InlineData(7, "[CLS] a b [SEP] a b [SEP]", false)]
    [InlineData(6, "[CLS] a [SEP] a b [SEP]", true)]
    [InlineData(5, "[CLS] a [SEP] a [SEP]", true)]
    [InlineData(3, "[CLS] [SEP] [SEP]", true)]
    public void Encode_OverTheLimit_CutsTheLongerFirst(int limit, string tokens, bool truncated)
    {
        var encoded = Small.Encode("a b", "a b", limit);

        Assert.Equal(tokens, string.Join(' ', encoded.Ids.Select(Small.TokenOf)));
        Assert.Equal(truncated, encoded.Truncated);
        Assert.Equal(encoded.Ids.Length, encoded.TypeIds.Length);
    }

    [Fact]
    public void Encode_LimitBelowTheSpecialTokens_IsRefused()
    {
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() => Small.Encode("a", "b", 2));

        Assert.Contains("maxLength: got 2; wanted at least 3.", fault.Message, StringComparison.Ordinal);
        Assert.Equal(3, Small.SpecialTokenCount(pair: true));
        Assert.Equal(2, Small.SpecialTokenCount(pair: false));
    }

    [Fact]
    public void Encode_Null_IsRefused() => Assert.Throws<ArgumentNullException>(() => Small.Encode(null!));

    [Fact]
    public void Constructor_WithoutSpecialTokens_IsRefused()
    {
        var vocabulary = Vocabularies.Number(["[UNK]", "[SEP]", "a"]);

        var fault = Assert.Throws<ArgumentException>(() => new WordPieceEncoder(vocabulary));

        Assert.Contains("no '[CLS]' among 3 pieces", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_SkipsSpecialTokensAndJoinsPieces()
    {
        var ids = Small.Encode("UNwanted, running").Ids;

        Assert.Equal("unwanted, running", Small.Decode(ids));
        Assert.Equal("[CLS] unwanted, running [SEP]", Small.Decode(ids, skipSpecialTokens: false));
        Assert.Equal("a", Small.Decode([Small.IdOf("a")!.Value, 99_999]));
    }

    [Fact]
    public void Properties_OfASmallVocabulary_AreRight()
    {
        Assert.Equal(24, Small.VocabularySize);
        Assert.Equal(new SpecialTokens { Padding = 0, Unknown = 1, Start = 2, End = 3, Mask = 4 }, Small.SpecialTokens);
        Assert.Equal("WordPiece, lower-cased, 24 ids, from memory", Small.Description);
        Assert.Null(Small.TokenOf(24));
        Assert.Null(Small.IdOf("zebra"));
        Assert.True(Small.IsSpecialToken(4));
        Assert.False(Small.IsSpecialToken(5));
    }

    [Fact]
    public void Encode_ManyThreads_AgreeWithOne()
    {
        var encoder = new WordPieceEncoder(Vocabularies.Bert("a", "##b", "é"));
        var texts = Enumerable.Range(0, 400).Select(i => new string('a', 1 + (i % 3)) + "bÉ한[MASK]" + i).ToArray();

        var together = new int[texts.Length][];
        Parallel.For(0, texts.Length, i => together[i] = encoder.Encode(texts[i]).Ids);

        var alone = new WordPieceEncoder(Vocabularies.Bert("a", "##b", "é"));
        Assert.Equal(texts.Select(text => alone.Encode(text).Ids), together);
    }
}
