using CsCheck;
using LowRank.FineTuning.Metrics;
using LowRank.FineTuning.Metrics.Generation;

namespace LowRank.FineTuning.Tests.Metrics.Generation;

public sealed class GenerationScoresTests
{
    private static readonly string[] Words = ["the", "dog", "bites", "a", "man", "running", "runs", ",", "3.5"];

    private static readonly Gen<string> Text = Gen.Int[0, Words.Length - 1].Array[0, 12]
        .Select(places => string.Join(' ', places.Select(place => Words[place])));

    private static readonly Gen<(string[] Predictions, string[][] References)> Corpus =
        Gen.Select(Text, Text.Array[1, 3]).Array[1, 4]
            .Select(rows => (rows.Select(row => row.Item1).ToArray(), rows.Select(row => row.Item2).ToArray()));

    [Fact]
    public void Of_AnyCorpus_LiesBetweenZeroAndOne() => Corpus.Sample(corpus =>
        Assert.All(
            GenerationScores.Of(corpus.Predictions, corpus.References).Values.Values,
            value => Assert.InRange(value, 0, 1 + 1e-12)));

    [Fact]
    public void Of_RowsInAnotherOrder_AreTheSame() => Corpus.Sample(corpus =>
    {
        var scores = GenerationScores.Of(corpus.Predictions, corpus.References);
        var turned = GenerationScores.Of([.. corpus.Predictions.Reverse()], [.. corpus.References.Reverse()]);
        Assert.All(scores.Values, entry => Assert.Equal(entry.Value, turned.Values[entry.Key], 1e-9));
    });

    [Fact]
    public void Of_ReferencesInAnotherOrder_AreTheSame() => Corpus.Sample(corpus =>
    {
        // Alone, for chrF's sums over rows depend on which of equally good references is the first.
        for (var row = 0; row < corpus.Predictions.Length; row++)
        {
            var scores = GenerationScores.Of([corpus.Predictions[row]], [corpus.References[row]]);
            string[] turned = [.. corpus.References[row].Reverse()];
            var others = GenerationScores.Of([corpus.Predictions[row]], [turned]);
            Assert.All(scores.Values, entry => Assert.Equal(entry.Value, others.Values[entry.Key], 1e-9));
        }
    });

    [Fact]
    public void Of_TheReferencesThemselves_AreBest() => Corpus.Sample(corpus =>
    {
        string[] texts = [.. corpus.References.Select(references => references[0] + " one two three four")];
        var scores = GenerationScores.Of(texts, [.. texts.Select(text => new[] { text })]);
        foreach (var metric in new[]
        {
            Metric.Bleu, Metric.SacreBleu, Metric.Rouge1, Metric.Rouge2, Metric.RougeL, Metric.RougeLsum, Metric.ChrF,
            Metric.ExactMatch,
        })
        {
            Assert.Equal(1, metric.In(scores), 1e-9);
        }

        Assert.InRange(scores.Meteor, 0.99, 1);
    });

    [Fact]
    public void Of_MoreReferences_NeverLowerRougeAndMeteor() => Corpus.Sample(corpus =>
    {
        var all = GenerationScores.Of(corpus.Predictions, corpus.References);
        var one = GenerationScores.Of(corpus.Predictions, [.. corpus.References.Select(references => references[..1])]);
        foreach (var metric in new[] { Metric.Rouge1, Metric.Rouge2, Metric.RougeL, Metric.RougeLsum, Metric.Meteor })
        {
            Assert.True(metric.In(all) >= metric.In(one) - 1e-12, metric.Name);
        }
    });

    [Fact]
    public void Of_EmptyPrediction_IsZero()
    {
        var scores = GenerationScores.Of([""], [["a b"]]);
        Assert.All(scores.Values.Values, value => Assert.Equal(0, value));
    }

    [Fact]
    public void Of_ByHand_CountsDistinctRunsAndExactMatches()
    {
        var scores = GenerationScores.Of(["a b a", "a b", "c"], [["a b a"], ["b", "a b"], ["C"]]);
        Assert.Equal(3 / 6.0, scores.Distinct1, 1e-12); // a, b, c of six words
        Assert.Equal(2 / 3.0, scores.Distinct2, 1e-12); // ab, ba of three pairs
        Assert.Equal(2 / 3.0, scores.ExactMatch, 1e-12);
        Assert.Equal(3, scores.Count);
    }
}
