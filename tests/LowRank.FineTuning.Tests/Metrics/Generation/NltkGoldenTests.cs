using System.Text.Json;
using LowRank.FineTuning.Metrics.Generation;
using LowRank.Testing;

namespace LowRank.FineTuning.Tests.Metrics.Generation;

/// <summary>What NLTK says of many made-up words and texts.</summary>
public sealed class NltkGoldenTests
{
    private static readonly JsonElement Golden = GoldenFile.ReadJson("metrics/nltk.json");

    [Fact]
    public void Stem_OfEachWord_IsNltks() => Assert.All(
        Golden.GetProperty("stems").EnumerateObject(),
        entry => Assert.Equal(entry.Value.GetString(), PorterStemmer.Stem(entry.Name)));

    // NLTK was asked for each text as one sentence.
    [Fact]
    public void Words_OfEachText_AreNltks() => Assert.All(Golden.GetProperty("words").EnumerateArray(), entry =>
        Assert.Equal(Texts(entry.GetProperty("words")), TreebankWords.OfSentence(entry.GetProperty("text").GetString()!)));

    [Fact]
    public void Meteor_OfEachText_IsNltks() => Assert.All(Golden.GetProperty("meteor").EnumerateArray(), entry =>
        Assert.Equal(
            entry.GetProperty("score").GetDouble(),
            Meteor.Of([entry.GetProperty("text").GetString()!], [Texts(entry.GetProperty("references"))]),
            1e-12));

    private static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(text => text.GetString()!)];
}
