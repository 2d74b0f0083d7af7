using LowRank.FineTuning.Data;
using LowRank.FineTuning.Metrics;
using LowRank.FineTuning.Samples;
using LowRank.Tensors;

namespace LowRank.FineTuning.Tests.Samples;

public sealed class SampleWorldTests
{
    private static readonly SampleSplit[] Splits = Enum.GetValues<SampleSplit>();

    private static IEnumerable<SentenceKind> Kinds => Town.Instance.Statements.Concat(Town.Instance.Requests);

    [Fact]
    public void Patterns_OfTheTown_AreHundreds()
    {
        Assert.InRange(Kinds.Sum(kind => Splits.Sum(split => kind.In(split).Count)), 400, int.MaxValue);
        Assert.InRange(Town.Instance.Requests.Count, 6, 12);
    }

    [Fact]
    public void Patterns_OfTwoSplits_AreDisjointAndTogetherAll()
    {
        foreach (var kind in Kinds)
        {
            var all = Splits.SelectMany(split => kind.In(split)).Select(pattern => pattern.Text).ToList();
            Assert.Equal(kind.All.Select(pattern => pattern.Text).Order(), all.Order());
            Assert.Equal(all.Count, all.Distinct().Count());
            Assert.All(Splits, split => Assert.True(kind.In(split).Count >= 2, $"{kind.Name} in {split}"));
        }
    }

    [Fact]
    public void Patterns_WithEveryValue_GiveWholeSentences()
    {
        foreach (var (kind, pattern) in Kinds.SelectMany(kind => kind.All.Select(pattern => (kind, pattern))))
        {
            var most = pattern.Roles.Select(role => Town.Instance.ValuesOf(role).Count).DefaultIfEmpty(1).Max();
            for (var turn = 0; turn < most; turn++)
            {
                var facts = kind.Roles.ToDictionary(
                    role => role, role => Town.Instance.ValuesOf(role)[turn % Town.Instance.ValuesOf(role).Count]);
                var text = new Storyteller(SampleSplit.Test, new Random(turn)).Tell(kind, pattern, facts).Text;
                Assert.DoesNotMatch(@"[{}<>|/#]|  | [,.?!;:]|\ba [aeio]|^[a-z]", text);
                Assert.Matches("[.?!]$", text);
            }
        }
    }

    [Fact]
    public void Sets_OfOneSeed_AreTheSameAndOfAnotherAreNot()
    {
        foreach (var draw in new Func<SampleSplit, int, Seed, ExampleSet>[]
        {
            SampleWorld.Similarity, SampleWorld.Intents, SampleWorld.Entailment,
        })
        {
            var rows = draw(SampleSplit.Training, 24, Seed.From(3)).Examples;
            Assert.Equal(rows, draw(SampleSplit.Training, 24, Seed.From(3)).Examples);
            Assert.NotEqual(rows, draw(SampleSplit.Training, 24, Seed.From(4)).Examples);
            Assert.Equal(rows.Take(12), draw(SampleSplit.Training, 12, Seed.From(3)).Examples);
        }
    }

    [Fact]
    public void Passages_OfOneSeed_ArePinned()
    {
        var passage = SampleWorld.Passages(Seed.From(0)).First();
        Assert.Equal(PinnedPassage, passage);
    }

    [Fact]
    public void SimilarityTo_CountsSharedFactsNotWords()
    {
        var lost = new SampleSentence("Tom lost a hat.", "lost", [new("who", "tom"), new("thing", "hat")]);
        Assert.Equal(5, lost.SimilarityTo(lost with { Text = "A cap was mislaid by Mr Barker." }));
        Assert.Equal(10 / 3.0, lost.SimilarityTo(lost with { Facts = [new("who", "tom"), new("thing", "ring")] }), 12);
        Assert.Equal(15 / 4.0, lost.SimilarityTo(lost with { Facts = [.. lost.Facts, new("day", "monday")] }), 12);
        Assert.Equal(0, lost.SimilarityTo(new("Tom lost a hat.", "buy", [new("who", "anna")])));
    }

    [Fact]
    public void Similarity_Rows_HaveEachGradeAsOften()
    {
        var rows = SampleWorld.Similarity(SampleSplit.Test, 60, Seed.From(1));
        Assert.Equal(LabelKind.Numbers, rows.Kind);
        var grades = rows.Examples.GroupBy(row => Math.Round(row.Target!.Value, MidpointRounding.AwayFromZero));
        Assert.All(grades, grade => Assert.Equal(10, grade.Count()));
        Assert.Equal(6, grades.Count());
    }

    [Fact]
    public void Similarity_SharedWords_LeaveRoom()
    {
        var rows = SampleWorld.Similarity(SampleSplit.Test, 600, Seed.From(1)).Examples;
        var overlap = rows.Select(row => Overlap(row.Text, row.TextPair!)).ToArray();
        var scores = RegressionScores.Of([.. rows.Select(row => row.Target!.Value)], overlap);
        Assert.InRange(scores.Values["pearson"], 0.1, 0.7);
    }

    [Theory]
    [InlineData(SampleSplit.Training)]
    [InlineData(SampleSplit.Validation)]
    [InlineData(SampleSplit.Test)]
    public void Entailment_Labels_FollowFromFacts(SampleSplit split)
    {
        for (var row = 0; row < 90; row++)
        {
            var label = SampleWorld.EntailmentLabels[row % 3];
            var (first, second) = EntailedPair.Sentences(new(split, new Random(row)), row % 3);
            var said = first.Facts.ToDictionary(fact => fact.Role, fact => fact.Value);
            var open = second.Facts.Count(fact => !said.ContainsKey(fact.Role));
            var denied = second.Facts.Count(fact => said.TryGetValue(fact.Role, out var value) && value != fact.Value);
            Assert.Equal(first.Kind, second.Kind);
            Assert.Equal((label == "neutral", label == "contradiction" ? 1 : 0), (open > 0, denied));
        }
    }

    [Fact]
    public void Intents_Rows_ComeInTurn()
    {
        var rows = SampleWorld.Intents(SampleSplit.Training, 36, Seed.From(0));
        Assert.Equal(SampleWorld.IntentLabels, rows.Labels!.Names);
        Assert.All(rows.Report.LabelCounts, label => Assert.Equal(3, label.Count));
    }

    [Fact]
    public void Sentences_Facts_AreInTheText()
    {
        foreach (var sentence in SampleWorld.Sentences(SampleSplit.Training, Seed.From(0)).Take(200))
        {
            Assert.All(sentence.Facts, fact => Assert.Contains(
                Enumerable.Range(0, 3).SelectMany(form => Wordings(fact, form)),
                words => sentence.Text.Contains(words, StringComparison.OrdinalIgnoreCase)));
        }
    }

    [Theory]
    [InlineData(SampleSplit.Training)]
    [InlineData(SampleSplit.Test)]
    public void Facts_Sentences_TellEachFactOfTheirList(SampleSplit split)
    {
        foreach (var row in SampleWorld.Facts(split, 300, Seed.From(2)))
        {
            var listed = row.Source.TrimEnd(']').Split("], ").Select(fact => fact.Split('[', 2)).ToArray();
            var kind = Kinds.Single(kind => kind.Name == listed[0][1]);
            Assert.Equal("kind", listed[0][0]);
            foreach (var role in kind.Roles)
            {
                var told = Town.Instance.ValuesOf(role).Where(value => Says(row.Target, role, value));
                var source = listed.SingleOrDefault(fact => fact[0] == role)?[1];
                if (source is not null)
                {
                    Assert.Contains(source, told.Select(value => Town.Instance.WordingsOf(role, value, 0)[0]));
                }
            }

            Assert.Contains(kind.In(split), pattern => pattern.Roles.Order().SequenceEqual(listed[1..].Select(fact => fact[0]).Order()));
        }
    }

    [Fact]
    public void Facts_Rows_ShareSourcesInThreesWithDifferentSentences()
    {
        var rows = SampleWorld.Facts(SampleSplit.Validation, 31, Seed.From(0));
        Assert.Equal(31, rows.Count);
        foreach (var three in rows.Take(30).Chunk(3))
        {
            Assert.Single(three.Select(row => row.Source).Distinct());
            Assert.Equal(3, three.Select(row => row.Target).Distinct().Count());
        }

        Assert.Equal(11, rows.Select(row => row.Source).Distinct().Count());
        Assert.Equal(rows.Take(10), SampleWorld.Facts(SampleSplit.Validation, 10, Seed.From(0)));
        Assert.NotEqual(rows, SampleWorld.Facts(SampleSplit.Validation, 31, Seed.From(1)));
    }

    private static bool Says(string text, string role, string value) =>
        Enumerable.Range(0, 3)
            .SelectMany(form => Wordings(new(role, value), form))
            .Any(words => text.Contains(words, StringComparison.OrdinalIgnoreCase));

    private static string[] PinnedPassage =>
    [
        "When the doctor dined in the eatery in the park yesterday, there was grilled fish on the table.",
        "Having borrowed a guide to the planets yesterday, the doctor kept it far too long.",
        "The card of the medical lady of the town shows a guide to the planets, taken yesterday.",
    ];

    private static IEnumerable<string> Wordings(SampleFact fact, int form)
    {
        try
        {
            return Town.Instance.WordingsOf(fact.Role, fact.Value, form);
        }
        catch (IndexOutOfRangeException)
        {
            return [];
        }
    }

    private static double Overlap(string first, string second)
    {
        var (a, b) = (Words(first), Words(second));
        return (double)a.Intersect(b).Count() / a.Union(b).Count();

        static string[] Words(string text) => [.. text.ToLowerInvariant().Split([' ', '.', ',', '?', '!', ';', ':']).Distinct()];
    }
}
