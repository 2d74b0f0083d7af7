using LowRank.FineTuning.Metrics.Generation;
using LowRank.Testing;

namespace LowRank.FineTuning.Tests.Metrics.Generation;

public sealed class MeteorTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    private const string Guide =
        "It is a guide to action which ensures that the military always obeys the commands of the party";

    [Fact]
    public void Of_ExampleOfEvaluatesCard_IsItsResult()
    {
        // Twelve matches of 18 and 16 words in six chunks.
        const string Reference =
            "It is a guide to action that ensures that the military will forever heed Party commands";
        const double Mean = (2 / 3.0) * 0.75 / ((0.9 * 2 / 3.0) + (0.1 * 0.75));
        Assert.Equal((1 - (0.5 / 8)) * Mean, Meteor.OfOne(Guide, Reference), 1e-12);
        Assert.Equal(0.6944, Meteor.Of([Guide], [[Reference]]), 5e-5);
    }

    [Fact]
    public void Of_ExampleOfNltksTests_IsItsResult() =>
        Assert.Equal(0.9921875, Meteor.Of(["THIS Is a tEST"], [["this is a test", "this istest"]]));

    [Fact]
    public void Of_SeveralReferencesOfEvaluatesCard_IsItsResult() => Assert.Equal(
        0.69,
        Meteor.Of(
            [Guide],
            [[
                "It is a guide to action that ensures that the military will forever heed Party commands",
                "It is the guiding principle which guarantees the military forces always being under the command of the Party",
                "It is the practical guide for the army always to heed the directions of the party",
            ]]),
        5e-3);

    [Fact]
    public void Of_Synonyms_MatchWhatStemsLeave()
    {
        // "fast" is "quick", but the stem "automobil" is no word and stays alone: three of four words in two chunks. NLTK
        // 3.8 with WordNet 3.0 says the same, and 0.25 without synonyms.
        var synonyms = TinyWordNet.Open(_scratch);
        const double Wanted = (1 - (0.5 * (2 * 2 * 2) / (3 * 3 * 3.0))) * 0.75;
        Assert.Equal(0.6388888888888888, Wanted, 1e-12);
        Assert.Equal(Wanted, Meteor.OfOne("the car is fast", "the automobile is quick", synonyms), 1e-12);
        Assert.Equal(0.25, Meteor.OfOne("the car is fast", "the automobile is quick"), 1e-12);
        Assert.Equal(0.5, Meteor.Of(["fast"], [["slow", "quick"]], synonyms));
        Assert.Equal(0.5, GenerationScores.Of(["fast"], [["slow", "quick"]], synonyms: synonyms).Meteor);
    }

    [Fact]
    public void Of_SameText_PaysForOneChunk() =>
        Assert.Equal(1 - (0.5 * Math.Pow(1 / 18.0, 3)), Meteor.OfOne(Guide, Guide), 1e-12);

    [Fact]
    public void Of_OtherForms_MatchByTheirStems() =>
        Assert.Equal(Meteor.OfOne("he walks", "he walks"), Meteor.OfOne("he walks", "he walked"), 1e-12);

    [Fact]
    public void Of_SeveralReferences_TakesTheBest() =>
        Assert.Equal(Meteor.OfOne("a b", "a c"), Meteor.Of(["a b"], [["x", "a c"]]), 1e-12);

    [Fact]
    public void Of_NothingInCommon_IsZero()
    {
        Assert.Equal(0, Meteor.OfOne("a", "b"));
        Assert.Equal(0, Meteor.OfOne("", "b"));
        Assert.Equal(0, Meteor.OfOne("a", ""));
    }

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("It's a test, isn't it?", "It 's a test , is n't it ?")]
    [InlineData("\"Hello,\" she said.", "`` Hello , '' she said .")]
    [InlineData("It costs $3.50 (approx.) in N.Y.", "It costs $ 3.50 ( approx. ) in N.Y .")]
    [InlineData("I cannot go... really", "I can not go ... really")]
    [InlineData("They'll save 50% -- or more", "They 'll save 50 % -- or more")]
    [InlineData("One ends. Two begins.", "One ends . Two begins .")]
    [InlineData("Mr. Smith met Dr. Jones. They ate.", "Mr. Smith met Dr. Jones . They ate .")]
    [InlineData("'v' 're' and manydots.....", "' v ' 're ' and manydots .....")]
    [InlineData("a, *weird sentence with *asterisks", "a , * weird sentence with * asterisks")]
    [InlineData("at 9.5 a.m. today", "at 9.5 a.m. today")]
    public void Words_AreTheTreebanks(string text, string words) =>
        Assert.Equal(words, string.Join(' ', TreebankWords.Of(text)));

    [Theory]
    [InlineData("caresses", "caress")]
    [InlineData("ponies", "poni")]
    [InlineData("dies", "die")]
    [InlineData("ties", "tie")]
    [InlineData("cats", "cat")]
    [InlineData("died", "die")]
    [InlineData("cried", "cri")]
    [InlineData("feed", "feed")]
    [InlineData("agreed", "agre")]
    [InlineData("plastered", "plaster")]
    [InlineData("motoring", "motor")]
    [InlineData("sing", "sing")]
    [InlineData("conflated", "conflat")]
    [InlineData("troubling", "troubl")]
    [InlineData("hopping", "hop")]
    [InlineData("falling", "fall")]
    [InlineData("filing", "file")]
    [InlineData("happy", "happi")]
    [InlineData("enjoy", "enjoy")]
    [InlineData("sky", "sky")]
    [InlineData("dying", "die")]
    [InlineData("by", "by")]
    [InlineData("relational", "relat")]
    [InlineData("conditional", "condit")]
    [InlineData("vietnamization", "vietnam")]
    [InlineData("hopefulness", "hope")]
    [InlineData("formaliti", "formal")]
    [InlineData("triplicate", "triplic")]
    [InlineData("electrical", "electr")]
    [InlineData("adoption", "adopt")]
    [InlineData("replacement", "replac")]
    [InlineData("probate", "probat")]
    [InlineData("rate", "rate")]
    [InlineData("controll", "control")]
    [InlineData("roll", "roll")]
    [InlineData("geology", "geolog")]
    [InlineData("hopefully", "hope")]
    [InlineData("Running", "run")]
    public void Stem_OfAWord_IsNltks(string word, string stem) => Assert.Equal(stem, PorterStemmer.Stem(word));
}
