using System.Text.Json;
using LowRank.Testing;
using LowRank.Transformers.Tokenization;

namespace LowRank.Transformers.Tests.Tokenization;

public sealed class TextEncodersTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_VocabTxtWithoutCapitals_IsLowerCased()
    {
        Write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\nℝ\n##s\n");

        var encoder = TextEncoders.Load(_folder.Path);

        Assert.IsType<WordPieceEncoder>(encoder);
        Assert.Equal([2, 5, 7, 3], encoder.Encode("Hellos").Ids);
        Assert.Contains("as the vocabulary has no capitals", encoder.Description, StringComparison.Ordinal);
        Assert.Null(encoder.MaximumLength);
    }

    [Fact]
    public void Load_VocabTxtWithCapitals_IsCased()
    {
        Write("vocab.txt", "[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n[MASK]\r\nHello\r\nhello");

        var encoder = TextEncoders.Load(_folder.Path);

        Assert.Equal([5, 6], encoder.EncodePlain("Hello hello"));
        Assert.Contains("as the vocabulary has capitals", encoder.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TokenizerConfig_DecidesOverTheVocabulary()
    {
        Write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nHello\nhello\nhé\n");
        Write("tokenizer_config.json", """
            {"do_lower_case": true, "strip_accents": false, "model_max_length": 512, "truncation_side": "left"}
            """);

        var encoder = TextEncoders.Load(_folder.Path);

        Assert.Equal([6, 7], encoder.EncodePlain("Hello HÉ"));
        Assert.Equal(512, encoder.MaximumLength);
        Assert.Equal([2, 7, 3], encoder.Encode("hello hé", maxLength: 3).Ids);
        Assert.Contains("as tokenizer_config.json says", encoder.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_AddedTokensAndOtherNames_AreKnown()
    {
        Write("vocab.txt", "<pad>\n<unk>\n<s>\n</s>\nhello\n");
        Write("special_tokens_map.json",
            """{"cls_token": "<s>", "sep_token": {"content": "</s>"}, "unk_token": "<unk>"}""");
        Write("added_tokens.json", """{"<user>": 5}""");

        var encoder = TextEncoders.Load(_folder.Path);

        Assert.Equal([2, 4, 5, 4, 3], encoder.Encode("hello<USER>hello").Ids);
        Assert.Equal(6, encoder.VocabularySize);
        Assert.Equal(0, encoder.SpecialTokens.Padding);
        Assert.Equal("hello <user> hello", encoder.Decode(encoder.Encode("hello<user>hello").Ids));
    }

    [Fact]
    public void Load_RobertaFiles_SetsItsTokens()
    {
        var (vocabulary, merges) = Vocabularies.Bytes("h+e Ġ+he", "<s>", "<pad>", "</s>", "<unk>", "<mask>");
        Write("vocab.json", JsonSerializer.Serialize(vocabulary));
        Write("merges.txt", "#version: 0.2\n" + string.Concat(merges.Select(merge => $"{merge.Left} {merge.Right}\n")));

        var encoder = TextEncoders.Load(_folder.Path);
        var encoded = encoder.Encode("he <mask> he", "he");

        Assert.Equal("<s> he <mask> Ġhe </s> </s> he </s>", string.Join(' ', encoded.Ids.Select(encoder.TokenOf)));
        Assert.All(encoded.TypeIds, type => Assert.Equal(0, type));
        Assert.Equal("he he", encoder.Decode(encoder.Encode("he he").Ids));
        Assert.Equal(vocabulary["<mask>"], encoder.SpecialTokens.Mask);
    }

    [Fact]
    public void Load_Gpt2Files_SetNothingAroundAText()
    {
        var (vocabulary, _) = Vocabularies.Bytes("", "<|endoftext|>");
        Write("vocab.json", JsonSerializer.Serialize(vocabulary));
        Write("merges.txt", "");

        var encoder = TextEncoders.Load(_folder.Path);

        Assert.Equal([vocabulary["a"], vocabulary["<|endoftext|>"]], encoder.Encode("a<|endoftext|>").Ids);
        Assert.Equal(vocabulary["<|endoftext|>"], encoder.SpecialTokens.End);
        Assert.Null(encoder.SpecialTokens.Padding);
        Assert.Equal([0, 1], encoder.Encode("a", "b").TypeIds);
    }

    [Fact]
    public void Load_TokenizerJsonOfGpt2_AgreesWithItsOlderFiles()
    {
        var (vocabulary, merges) = Vocabularies.Bytes("h+e l+l he+ll Ġ+hell", "<|endoftext|>");
        var model = new
        {
            type = "BPE",
            vocab = vocabulary,
            merges = merges.Select(merge => new[] { merge.Left, merge.Right }),
        };
        Write("tokenizer.json", JsonSerializer.Serialize(new
        {
            added_tokens = new[]
            {
                new { id = vocabulary["<|endoftext|>"], content = "<|endoftext|>", special = true },
            },
            pre_tokenizer = new { type = "ByteLevel", add_prefix_space = false },
            post_processor = new { type = "ByteLevel" },
            model,
        }));
        var json = TextEncoders.Load(_folder.Path);
        File.Delete(_folder["tokenizer.json"]);
        Write("vocab.json", JsonSerializer.Serialize(vocabulary));
        Write("merges.txt", string.Concat(merges.Select(merge => $"{merge.Left} {merge.Right}\n")));
        var files = TextEncoders.Load(_folder.Path);

        const string Text = "hell hello<|endoftext|> HELL";
        Assert.Equal(files.Encode(Text).Ids, json.Encode(Text).Ids);
        Assert.Equal(vocabulary["hell"], json.Encode(Text).Ids[0]);
    }

    [Theory]
    [InlineData("""{"model":{"type":"Unigram","vocab":[["a",-1]]}}""", "unk_id is nothing; wanted a whole")]
    [InlineData("""{"model":{"vocab":[["a",-1]]}}""", "unk_id is nothing; wanted a whole")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{"a":1}}}""", "'WordLevel'; wanted WordPiece, byte-level")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":-1}}}""", "vocab 'a' is -1; wanted an id of 0 to")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{}}}""", "the vocabulary is empty")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":1}}}""", "pre_tokenizer is nothing; wanted BertPreTok")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":1}},"pre_tokenizer":{"type":"BertPreTokenizer"},"""
        + """ "normalizer":{"type":"NFKC"}}""", "normalizer is {\"type\":\"NFKC\"}; wanted BertNormalizer")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":1}},"pre_tokenizer":{"type":"BertPreTokenizer"}}""",
        "no '[UNK]' among 1 pieces")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":1},"byte_fallback":true},"""
        + """ "pre_tokenizer":{"type":"ByteLevel"}}""",
        "byte_fallback is true")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":1}},"pre_tokenizer":{"type":"ByteLevel"}}""", "wanted all 256")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":1},"merges":[1]},"pre_tokenizer":{"type":"ByteLevel"}}""",
        "a merge is 1; wanted two pieces")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":1},"end_of_word_suffix":"</w>"},"""
        + """ "pre_tokenizer":{"type":"ByteLevel"}}""", "end_of_word_suffix is \"</w>\"; wanted none")]
    [InlineData("""{"model": 3}""", "model is 3; wanted an object")]
    [InlineData("[1]", "the file is [1]; wanted an object")]
    [InlineData("{\n\"a\": }", "line 2: not JSON")]
    [InlineData("", "not JSON")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":1}},"added_tokens":[{"id":"x","content":"y"}]}""",
        "added token id is \"x\"; wanted an id")]
    [InlineData("""{"model":{"type":"\ud800"}}""", "not Unicode")]
    public void Load_FaultyTokenizerJson_IsRefusedByName(string json, string words)
    {
        Write("tokenizer.json", json);

        var fault = Assert.Throws<InvalidDataException>(() => TextEncoders.Load(_folder.Path));

        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"Other"}""", "post_processor is of type 'Other'")]
    [InlineData("""{"type":"BertProcessing","cls":["[CLS]",2]}""", "post_processor sep is nothing")]
    [InlineData("""{"type":"TemplateProcessing","single":[{"Sequence":{"id":"C","type_id":0}}]}""",
        "a sequence A or B")]
    [InlineData("""{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"[X]","type_id":0}}]}""",
        "'[X]' is in no vocabulary")]
    [InlineData("""{"type":"TemplateProcessing","single":[{}]}""", "a SpecialToken or a Sequence")]
    public void Load_FaultyPostProcessor_IsRefusedByName(string processor, string words)
    {
        Write("tokenizer.json", $$$"""
            {"model":{"type":"WordPiece","vocab":{"[UNK]":1} },"pre_tokenizer":{"type":"BertPreTokenizer" },
            "post_processor":{{{processor}}}}
            """);

        var fault = Assert.Throws<InvalidDataException>(() => TextEncoders.Load(_folder.Path));

        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TemplateProcessing_IsFollowed()
    {
        Write("tokenizer.json", """
            {"model":{"type":"WordPiece","vocab":{"[UNK]":0,"<a>":1,"<b>":2,"x":3}},
             "pre_tokenizer":{"type":"BertPreTokenizer"},
             "post_processor":{"type":"Sequence","processors":[{"type":"ByteLevel"},{"type":"TemplateProcessing",
               "single":[{"SpecialToken":{"id":"<a>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
               "pair":[{"Sequence":{"id":"B","type_id":1}},{"SpecialToken":{"id":"<b>","type_id":2}},
                       {"Sequence":{"id":"A","type_id":0}}],
               "special_tokens":{"<b>":{"id":"<b>","ids":[2,2],"tokens":["<b>","<b>"]}}}]}}
            """);

        var encoder = TextEncoders.Load(_folder.Path);

        Assert.Equal([1, 3], encoder.Encode("x").Ids);
        var pair = encoder.Encode("x x", "x");
        Assert.Equal([3, 2, 2, 3, 3], pair.Ids);
        Assert.Equal([1, 2, 2, 0, 0], pair.TypeIds);
    }

    [Fact]
    public void Load_NormalizedAddedToken_IsFoundInTheNormalizedText()
    {
        Write("tokenizer.json", """
            {"model":{"type":"WordPiece","vocab":{"[UNK]":0,"x":1}},
             "added_tokens":[{"id":2,"content":"NEW","normalized":true},{"id":3,"content":"RAW","normalized":false}],
             "normalizer":{"type":"BertNormalizer"},"pre_tokenizer":{"type":"BertPreTokenizer"}}
            """);

        var encoder = TextEncoders.Load(_folder.Path);

        Assert.Equal([1, 2, 1, 2, 3, 0], encoder.EncodePlain("xnewxNewRAWraw"));
    }

    [Fact]
    public void Load_NoTokenizerFiles_SaysWhatIsThereAndWhatIsWanted()
    {
        Write("config.json", "{}");

        var fault = Assert.Throws<FileNotFoundException>(() => TextEncoders.Load(_folder.Path));

        Assert.Contains("got config.json", fault.Message, StringComparison.Ordinal);
        Assert.Contains("wanted tokenizer.json, vocab.txt, vocab.json with merges.txt, or spiece.model", fault.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Load_HalfOfAPair_NamesTheOtherHalf()
    {
        Write("vocab.json", "{}");

        var fault = Assert.Throws<FileNotFoundException>(() => TextEncoders.Load(_folder.Path));

        Assert.EndsWith("merges.txt", fault.FileName, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FaultyMerge_NamesTheLine()
    {
        Write("vocab.json", JsonSerializer.Serialize(Vocabularies.Bytes().Vocabulary));
        Write("merges.txt", "#version: 0.2\na b c\n");

        var fault = Assert.Throws<InvalidDataException>(() => TextEncoders.Load(_folder.Path));

        Assert.Contains("merges.txt, line 2: 'a b c'; wanted two pieces", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NoFolder_IsRefused() =>
        Assert.Throws<DirectoryNotFoundException>(() => TextEncoders.Load(_folder["absent"]));

    [Theory]
    [InlineData("bert-base-uncased/tokenizer.json", 11)]
    [InlineData("gpt2/vocab.json", 12)]
    [InlineData("gpt2/merges.txt", 13)]
    public void Load_DamagedFile_LoadsOrIsRefusedAsInvalid(string file, int seed)
    {
        var source = GoldenFile.Find($"tokenization/{Path.GetDirectoryName(file)}");
        foreach (var path in Directory.EnumerateFiles(source))
        {
            File.Copy(path, _folder[Path.GetFileName(path)]);
        }

        var target = _folder[Path.GetFileName(file)];
        var whole = File.ReadAllBytes(target);
        var random = new Random(seed);
        for (var trial = 0; trial < 150; trial++)
        {
            var bytes = whole.ToArray();
            for (var damage = random.Next(1, 4); damage > 0; damage--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            File.WriteAllBytes(target, random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes);
            try
            {
                var encoder = TextEncoders.Load(_folder.Path);
                _ = encoder.Encode("How are you? [MASK] don't", "Fine.", 8);
            }
            catch (InvalidDataException fault)
            {
                Assert.Contains(_folder.Path, fault.Message, StringComparison.Ordinal);
            }
        }
    }

    private void Write(string name, string text) => File.WriteAllText(_folder[name], text);
}
