using System.Text.Json.Nodes;
using LowRank.Testing;
using LowRank.Transformers.Tokenization;

namespace LowRank.Transformers.Tests.Tokenization;

public sealed class UnigramEncoderTests : IDisposable
{
    private static readonly (string Piece, double Score)[] Pieces =
    [
        ("<pad>", 0), ("</s>", 0), ("<unk>", 0), ("▁", -1), ("a", -2), ("b", -2), ("ab", -3), ("▁a", -2.5),
        ("c", -6), ("bc", -5), (".", -2),
    ];

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a", "▁a")] // -2.5 beats -1 - 2
    [InlineData("ab", "▁ ab")] // -1 - 3 beats -2.5 - 2
    [InlineData("abc", "▁a bc")] // -2.5 - 5 beats -1 - 3 - 6 and -1 - 2 - 5
    [InlineData(" a\t\nb ", "▁a ▁ b")]
    [InlineData("a▁b", "▁a ▁ b")]
    [InlineData("", "")]
    [InlineData("  ", "")]
    public void EncodePlain_Word_IsSpelledTheLikeliestWay(string text, string pieces) =>
        Assert.Equal(pieces, Tokens(new UnigramEncoder(Pieces), text));

    [Theory]
    [InlineData("xyz", "▁ <unk>")]
    [InlineData("axxb", "▁a <unk> b")]
    [InlineData("x a", "▁ <unk> ▁a")]
    [InlineData("\U0001F600\U0001F600c", "▁ <unk> c")]
    [InlineData("\uD800", "▁ <unk>")]
    public void EncodePlain_RunOfUnknownLetters_IsOneToken(string text, string pieces) =>
        Assert.Equal(pieces, Tokens(new UnigramEncoder(Pieces), text));

    [Fact]
    public void EncodePlain_ByteFallback_SpellsUnknownLettersByTheirBytes()
    {
        var bytes = Enumerable.Range(0, 256).Select(value => ($"<0x{value:X2}>", -20.0));
        var encoder = new UnigramEncoder([.. Pieces, .. bytes], new() { ByteFallback = true });

        Assert.Equal("▁a <0xC3> <0xA9> <0xE2> <0x82> <0xAC> b", Tokens(encoder, "aé€b"));
        Assert.Equal("aé€b", encoder.Decode(encoder.EncodePlain("aé€b")));
        Assert.Equal("a\uFFFDb", encoder.Decode([.. encoder.EncodePlain("a"), encoder.IdOf("<0xC3>")!.Value, 5]));
    }

    [Fact]
    public void EncodePlain_ByteFallbackWithoutTheBytes_IsUnknown() =>
        Assert.Equal("▁ <unk>", Tokens(new UnigramEncoder(Pieces, new() { ByteFallback = true }), "é"));

    [Fact]
    public void EncodePlain_KeptSpaces_AreBlanksOfTheirOwn()
    {
        var encoder = new UnigramEncoder(Pieces, new() { CollapsesSpaces = false, AddsPrefixSpace = false });
        Assert.Equal("a ▁ ▁ b", Tokens(encoder, "a  b"));
        Assert.Equal("a  b", encoder.Decode(encoder.EncodePlain("a  b")));
    }

    [Fact]
    public void Decode_FirstBlank_IsLeftOut()
    {
        var encoder = new UnigramEncoder(Pieces);
        Assert.Equal("a ab.", encoder.Decode(encoder.EncodePlain("a ab .")));
        Assert.Equal("a ab .", encoder.Decode(encoder.EncodePlain("a ab ."), tidySpaces: false));
    }

    [Fact]
    public void Constructor_BadPieces_SaysWhich()
    {
        var fault = Assert.Throws<ArgumentException>(() => new UnigramEncoder([("a", 0)]));
        Assert.Contains("no '<unk>' among 1; wanted the unknown token", fault.Message, StringComparison.Ordinal);
        fault = Assert.Throws<ArgumentException>(() => new UnigramEncoder([("<unk>", double.NaN)]));
        Assert.Contains("the score of '<unk>' is NaN", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_SpieceModel_HasT5sTokens()
    {
        File.WriteAllBytes(_folder["spiece.model"], SentencePieceFiles.Model(Pieces));
        File.WriteAllText(_folder["tokenizer_config.json"], """{ "extra_ids": 3, "model_max_length": 512 }""");

        var encoder = TextEncoders.Load(_folder.Path);

        var tokens = encoder.Encode("a <extra_id_0> b").Ids.Select(encoder.TokenOf);
        Assert.Equal(["▁a", "<extra_id_0>", "▁", "b", "</s>"], tokens);
        Assert.Equal([13, 12, 11], Enumerable.Range(0, 3).Select(i => encoder.IdOf($"<extra_id_{i}>")));
        Assert.Equal([7, 1, 3, 5, 1], encoder.Encode("a", "b").Ids);
        Assert.Equal([7, 1], encoder.Encode("a a a", maxLength: 2).Ids);
        Assert.Equal((0, 2, 1, null), (encoder.SpecialTokens.Padding, encoder.SpecialTokens.Unknown,
            encoder.SpecialTokens.End, encoder.SpecialTokens.Start));
        Assert.Equal((14, 512), (encoder.VocabularySize, encoder.MaximumLength));
        Assert.Equal("a b", encoder.Decode([7, 12, 3, 5, 1]));
    }

    [Fact]
    public void Load_SpieceModelWithoutSentinels_LeavesThemText()
    {
        File.WriteAllBytes(_folder["spiece.model"], SentencePieceFiles.Model(Pieces));
        File.WriteAllText(_folder["tokenizer_config.json"], """{ "extra_ids": 0 }""");
        var encoder = TextEncoders.Load(_folder.Path);
        Assert.Equal(Pieces.Length, encoder.VocabularySize);
        Assert.Null(encoder.IdOf("<extra_id_0>"));
    }

    [Theory]
    [InlineData("always", "▁a </s> ▁ b")]
    [InlineData("first", "▁a </s> b")]
    [InlineData("never", "a </s> b")]
    public void Load_PrependScheme_IsFollowed(string scheme, string tokens)
    {
        WriteJson(json => json["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Metaspace",
            ["replacement"] = "▁",
            ["prepend_scheme"] = scheme,
        });
        var encoder = TextEncoders.Load(_folder.Path);
        Assert.Equal(tokens, Tokens(encoder, "a</s>b"));
    }

    [Fact]
    public void Load_NormalizerOfLaterFiles_CollapsesBlanks()
    {
        WriteJson(json =>
        {
            json["pre_tokenizer"] = new JsonObject { ["type"] = "Metaspace", ["replacement"] = "▁" };
            json["normalizer"] = JsonNode.Parse("""
                {"type":"Sequence","normalizers":[
                  {"type":"Strip","strip_left":false,"strip_right":true},
                  {"type":"Replace","pattern":{"Regex":" {2,}"},"content":"▁"},
                  {"type":"Replace","pattern":{"String":"x"},"content":"c"}]}
                """);
        });
        Assert.Equal("▁a ▁ bc", Tokens(TextEncoders.Load(_folder.Path), "  a   bx  "));
    }

    [Theory]
    [InlineData("normalizer", """{"type":"NFKC"}""", "wanted Precompiled, Strip or Replace")]
    [InlineData("normalizer", """{"type":"Precompiled","precompiled_charsmap":"AAAA"}""", "do not hold their trie")]
    [InlineData("normalizer", """{"type":"Precompiled","precompiled_charsmap":"%"}""", "wanted base64")]
    [InlineData("normalizer", """{"type":"Replace","pattern":{"Regex":"x+"},"content":""}""", "or the pattern ' {2,}'")]
    [InlineData("pre_tokenizer", "null", "pre_tokenizer is nothing; wanted a Metaspace")]
    [InlineData("pre_tokenizer", """{"type":"Whitespace"}""", "wanted WhitespaceSplit, then Metaspace")]
    [InlineData("pre_tokenizer", """{"type":"Metaspace","replacement":"_"}""", "a Metaspace that splits at '▁'")]
    [InlineData("pre_tokenizer", """{"type":"Metaspace","prepend_scheme":"last"}""", "wanted always, first or never")]
    [InlineData("model", """{"type":"Unigram","unk_id":5,"vocab":[["a",-1]]}""", "unk_id is 5; wanted an id below 1")]
    [InlineData("model", """{"type":"Unigram","unk_id":0,"vocab":[["a"]]}""", "a piece of vocab is [\"a\"]")]
    [InlineData("model", """{"type":"Unigram","unk_id":0,"vocab":[]}""", "the vocabulary is empty")]
    public void Load_FaultyJson_IsRefusedByName(string part, string json, string words)
    {
        WriteJson(root => root[part] = JsonNode.Parse(json));
        var fault = Assert.Throws<InvalidDataException>(() => TextEncoders.Load(_folder.Path));
        Assert.StartsWith(_folder["tokenizer.json"], fault.Message, StringComparison.Ordinal);
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_SpieceModelOfAnotherFamily_IsRefused()
    {
        void AssertRefused(byte[] model, string words)
        {
            File.WriteAllBytes(_folder["spiece.model"], model);
            var fault = Assert.Throws<InvalidDataException>(() => TextEncoders.Load(_folder.Path));
            Assert.StartsWith(_folder["spiece.model"], fault.Message, StringComparison.Ordinal);
            Assert.Contains(words, fault.Message, StringComparison.Ordinal);
        }

        AssertRefused(SentencePieceFiles.Model(Pieces, type: 2), "not Unigram");
        AssertRefused(SentencePieceFiles.Model([.. Pieces, ("[CLS]", 0)]), "a vocabulary with '[CLS]'");
        AssertRefused(SentencePieceFiles.Model([("<pad>", 0), ("x", 0), ("<unk>", 0)]), "3 pieces without '</s>'");
        AssertRefused(SentencePieceFiles.Model([("</s>", 0)]), "1 pieces without '<unk>'");
        AssertRefused(SentencePieceFiles.Model(Pieces, map: [1, 2, 3]), "that do not hold their trie");
        AssertRefused("<html>"u8.ToArray(), "Protocol Buffers");
        AssertRefused([], "without '</s>'");
    }

    [Fact]
    public void Load_DamagedSpieceModel_LoadsOrIsRefusedAsInvalid()
    {
        var whole = SentencePieceFiles.Model(Pieces, SentencePieceFiles.GoldenMap());
        var random = new Random(14);
        for (var trial = 0; trial < 100; trial++)
        {
            var bytes = whole.ToArray();
            for (var damage = random.Next(1, 4); damage > 0; damage--)
            {
                bytes[random.Next(random.Next(2) == 0 ? 300 : bytes.Length)] = (byte)random.Next(256);
            }

            bytes = random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
            File.WriteAllBytes(_folder["spiece.model"], bytes);
            try
            {
                _ = TextEncoders.Load(_folder.Path).Encode("How aré you? \uFF21 <extra_id_0>", maxLength: 8);
            }
            catch (InvalidDataException fault)
            {
                Assert.Contains(_folder.Path, fault.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("plain text 0~", "plain text 0~")]
    [InlineData("ＡＢＣ ①", "ABC 1")]
    [InlineData("e\u0301", "é")]
    [InlineData("a\tb\r\nc", "a b c")]
    [InlineData("\u00A0\u200Bx\u00AD", "  x\u00AD")]
    [InlineData("½", "1⁄2")]
    [InlineData("日本", "日本")]
    public void Normalize_NmtNfkc_IsTheCompiledMap(string text, string wanted) =>
        Assert.Equal(wanted, CharacterMap.Read(SentencePieceFiles.GoldenMap()).Normalize(text));



    private static string Tokens(TextEncoder encoder, string text) =>
        string.Join(' ', encoder.EncodePlain(text).Select(encoder.TokenOf));

    private void WriteJson(Action<JsonObject> edit)
    {
        var json = JsonNode.Parse(SentencePieceFiles.Json(Pieces, SentencePieceFiles.GoldenMap()))!.AsObject();
        edit(json);
        File.WriteAllText(_folder["tokenizer.json"], json.ToJsonString());
    }
}
