using System.Text.Json;
using LowRank.Testing;
using LowRank.Transformers.Tokenization;

namespace LowRank.Transformers.Tests.Tokenization;

/// <summary>Every recorded case of Hugging Face's tokenizers, on vocabularies cut to what they can meet.</summary>
public sealed class GoldenTokenizationTests
{
    private const string OlderT5 = "t5-small, spiece.model";

    private static readonly Dictionary<string, TextEncoder> Encoders = new()
    {
        ["bert-base-uncased"] = TextEncoders.Load(GoldenFile.Find("tokenization/bert-base-uncased")),
        ["gpt2"] = TextEncoders.Load(GoldenFile.Find("tokenization/gpt2")),
        ["t5-small"] = T5(folder => File.WriteAllText(
            folder["tokenizer.json"],
            SentencePieceFiles.Json(SentencePieceFiles.GoldenPieces(), SentencePieceFiles.GoldenMap()))),
        [OlderT5] = T5(folder => File.WriteAllBytes(
            folder["spiece.model"],
            SentencePieceFiles.Model(SentencePieceFiles.GoldenPieces(), SentencePieceFiles.GoldenMap()))),
    };

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var name in Encoders.Keys)
        {
            foreach (var golden in All(name).EnumerateObject())
            {
                data.Add(name, golden.Name);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Encode_GoldenCase_GivesTheSameIds(string tokenizer, string name)
    {
        var golden = Case(tokenizer, name);
        var pair = golden.TryGetProperty("text_pair", out var second) ? second.GetString() : null;

        var encoded = Encoders[tokenizer].Encode(golden.GetProperty("text").GetString()!, pair);

        Assert.Equal(Ids(golden), encoded.Ids);
        Assert.False(encoded.Truncated);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Decode_GoldenCase_GivesTheSameText(string tokenizer, string name)
    {
        var golden = Case(tokenizer, name);

        var text = Encoders[tokenizer].Decode(Ids(golden), skipSpecialTokens: false);

        Assert.Equal(golden.GetProperty("decoded").GetString(), text);
    }

    [Fact]
    public void Encode_ByMicrosoftMLTokenizers_DiffersInElevenCases()
    {
        // Why we have our own WordPiece. Should a later version agree, ours can go.
        var bert = Encoders["bert-base-uncased"];
        var lines = Enumerable.Range(0, bert.VocabularySize).Select(id => bert.TokenOf(id) ?? $"[unused {id}]");
        using var vocabulary = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        var theirs = Microsoft.ML.Tokenizers.BertTokenizer.Create(vocabulary);
        var cases = GoldenFile.ReadJson("tokenization/bert-base-uncased.json").GetProperty("bert-base-uncased")
            .EnumerateObject()
            .Select(golden => golden.Value)
            .Where(golden => !golden.TryGetProperty("text_pair", out _));

        Assert.Equal(11, cases.Count(golden =>
            !theirs.EncodeToIds(golden.GetProperty("text").GetString()!).SequenceEqual(Ids(golden))));
    }

    [Fact]
    public void Encode_T5ByMicrosoftMLTokenizers_DiffersInSixCases()
    {
        // It makes each unknown letter a token, and does not look for special tokens in the text.
        using var model = new MemoryStream(
            SentencePieceFiles.Model(SentencePieceFiles.GoldenPieces(), SentencePieceFiles.GoldenMap()));
        var theirs = Microsoft.ML.Tokenizers.SentencePieceTokenizer.Create(model, false, false);
        var differing = All("t5-small").EnumerateObject().Where(golden => !theirs
            .EncodeToIds(golden.Value.GetProperty("text").GetString()!).SequenceEqual(Ids(golden.Value).SkipLast(1)));

        Assert.Equal(6, differing.Count());
    }

    [Theory]
    [InlineData("bert-base-uncased", 30)]
    [InlineData("gpt2", 26)]
    [InlineData("t5-small", 29)]
    public void Cases_OfEachTokenizer_AreAllThere(string tokenizer, int count) =>
        Assert.Equal(count, All(tokenizer).EnumerateObject().Count());

    private static JsonElement Case(string tokenizer, string name) => All(tokenizer).GetProperty(name);

    private static JsonElement All(string tokenizer)
    {
        var name = tokenizer == OlderT5 ? "t5-small" : tokenizer;
        return GoldenFile.ReadJson($"tokenization/{name}.json").GetProperty(name);
    }

    private static TextEncoder T5(Action<ScratchFolder> write)
    {
        using var folder = new ScratchFolder();
        write(folder);
        return TextEncoders.Load(folder.Path);
    }

    private static int[] Ids(JsonElement golden) =>
        [.. golden.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
}
