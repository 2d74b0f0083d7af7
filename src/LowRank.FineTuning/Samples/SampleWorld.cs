using LowRank.FineTuning.Data;
using LowRank.Tensors;

namespace LowRank.FineTuning.Samples;

/// <summary>Made-up English about a small town: plain text, and labelled sets whose labels follow from facts.</summary>
/// <remarks>
/// A sentence is a kind of event, a value for each of its roles, a pattern and wordings; every kind has some eighteen
/// patterns, nearly every value several wordings, so that meaning and words are independent. Labels come from the facts
/// alone. The splits of labelled sets share no pattern: a test row is said in a way that no labelled training row is. The
/// same split and seed give the same rows on every machine.
/// </remarks>
public static class SampleWorld
{
    private const int PassagesOnAPage = 8;
    private const int SentencesOfFacts = 3;

    /// <summary>The labels of <see cref="Entailment"/>.</summary>
    public static IReadOnlyList<string> EntailmentLabels { get; } = ["entailment", "neutral", "contradiction"];

    /// <summary>The labels of <see cref="Intents"/>.</summary>
    public static IReadOnlyList<string> IntentLabels { get; } =
        [.. Town.Instance.Requests.Select(request => request.Name).Order(StringComparer.Ordinal)];

    /// <summary>Passages to learn the language from: events and requests told more than once, stories.</summary>
    /// <remarks>
    /// Eight in a row tell of one kind of event, as the page of a newspaper does, so that what is near is alike. They use the patterns of all splits, as a language model has read all sorts of sentences, though none with its
    /// label. Who wants the test patterns unread as well takes <see cref="Sentences"/> of the training split.
    /// </remarks>
    /// <param name="seed">Decides the passages.</param>
    /// <returns>Passages without end; each is a list of sentences.</returns>
    public static IEnumerable<IReadOnlyList<string>> Passages(Seed seed)
    {
        for (var number = 0; true; number++)
        {
            var page = new Storyteller(null, seed.For("pages").For(number / PassagesOnAPage).Random());
            yield return Passage.Draw(page, new(null, seed.For("passages").For(number).Random()));
        }
    }

    /// <summary>Single sentences with the facts that they mention.</summary>
    /// <param name="split">Whose patterns are used.</param>
    /// <param name="seed">Decides the sentences.</param>
    /// <returns>Statements without end.</returns>
    public static IEnumerable<SampleSentence> Sentences(SampleSplit split, Seed seed)
    {
        for (var number = 0; true; number++)
        {
            var teller = new Storyteller(split, seed.For("sentences").For(number).Random());
            var kind = teller.Statement();
            yield return teller.Tell(kind, teller.Pattern(kind), teller.Facts(kind));
        }
    }

    /// <summary>Pairs of sentences and how much they say the same, 0 to 5, each grade as often.</summary>
    /// <remarks>
    /// The number is <see cref="SampleSentence.SimilarityTo"/>. Like sentences are mostly told in other words, unlike
    /// ones often in the same pattern, so that counting shared words does not get far.
    /// </remarks>
    /// <param name="split">Whose patterns are used.</param>
    /// <param name="rows">How many pairs; at least 1.</param>
    /// <param name="seed">Decides the pairs.</param>
    /// <returns>The pairs, with numbers as targets.</returns>
    public static ExampleSet Similarity(SampleSplit split, int rows, Seed seed) =>
        Set(rows, split, seed.For("similarity"), null, SimilarPair.Draw);

    /// <summary>What people write to the town's service desk, and what they want.</summary>
    /// <param name="split">Whose patterns are used.</param>
    /// <param name="rows">How many messages; at least 1. Labels come in turn.</param>
    /// <param name="seed">Decides the messages.</param>
    /// <returns>The messages, with classes as targets.</returns>
    public static ExampleSet Intents(SampleSplit split, int rows, Seed seed) =>
        Set(rows, split, seed.For("intents"), IntentLabels, (teller, row) =>
        {
            var label = row % IntentLabels.Count;
            var kind = Town.Instance.Requests.Single(request => request.Name == IntentLabels[label]);
            var request = teller.Tell(kind, teller.Pattern(kind), teller.Facts(kind)).Text;
            return new(teller.Message(request), null, label);
        });

    /// <summary>Pairs of sentences about one event: the second follows from the first, is open, or denies it.</summary>
    /// <remarks>
    /// It follows when it mentions nothing but facts of the first; it is open when the first is silent on one of them;
    /// it denies when one of them has another value.
    /// </remarks>
    /// <param name="split">Whose patterns are used.</param>
    /// <param name="rows">How many pairs; at least 1. Labels come in turn.</param>
    /// <param name="seed">Decides the pairs.</param>
    /// <returns>The pairs, with classes as targets.</returns>
    public static ExampleSet Entailment(SampleSplit split, int rows, Seed seed) =>
        Set(rows, split, seed.For("entailment"), EntailmentLabels, EntailedPair.Draw);

    /// <summary>Lists of facts and sentences that tell them, as for learning to put data into words.</summary>
    /// <remarks>
    /// Three rows in a row share their facts: a written sentence is good when it is like one of the three. A sentence
    /// tells each fact of its list and no other.
    /// </remarks>
    /// <param name="split">Whose patterns are used.</param>
    /// <param name="rows">How many rows; at least 1.</param>
    /// <param name="seed">Decides the rows.</param>
    /// <returns>The rows.</returns>
    public static IReadOnlyList<FactSentence> Facts(SampleSplit split, int rows, Seed seed) =>
    [
        .. Enumerable.Range(0, Check.AtLeast(rows, 1))
            .SelectMany(list => FactSentence.Draw(new(split, seed.For("facts").For(list).Random()), SentencesOfFacts))
            .Take(rows),
    ];

    private static ExampleSet Set(
        int rows, SampleSplit split, Seed seed, IReadOnlyList<string>? labels, Func<Storyteller, int, Example> draw)
    {
        Check.AtLeast(rows, 1);
        return ExampleSet.Of(
            [.. Enumerable.Range(0, rows).Select(row => draw(new(split, seed.For(row).Random()), row))],
            labels is null ? null : new ClassLabels(labels));
    }
}
