using System.Text.Json;
using LowRank.Testing;
using LowRank.Transformers.Tokenization;

namespace LowRank.Transformers.Tests.Tokenization;

/// <summary>Every recorded case of Hugging Face's tokenizers, on vocabularies cut to what they can meet.</summary>
public sealed class GoldenTokenizationTests
{
    private static readonly Dictionary<string, TextEncoder> Encoders = new[] { "bert-base-uncased", "gpt2" }
        .ToDictionary(name => name, name => TextEncoders.Load(GoldenFile.Find($"tokenization/{name}")));

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var name in Encoders.Keys)
        {
            foreach (var golden in GoldenFile.ReadJson($"tokenization/{name}.json").GetProperty(name).EnumerateObject())
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

    [Theory]
    [InlineData("bert-base-uncased", 30)]
    [InlineData("gpt2", 26)]
    public void Cases_OfEachTokenizer_AreAllThere(string tokenizer, int count) =>
        Assert.Equal(count, GoldenFile.ReadJson($"tokenization/{tokenizer}.json").GetProperty(tokenizer)
            .EnumerateObject().Count());

    private static JsonElement Case(string tokenizer, string name) =>
        GoldenFile.ReadJson($"tokenization/{tokenizer}.json").GetProperty(tokenizer).GetProperty(name);

    private static int[] Ids(JsonElement golden) =>
        [.. golden.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
}
