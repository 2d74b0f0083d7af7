using LowRank.FineTuning.Data;

namespace LowRank.FineTuning.Samples;

/// <summary>Two sentences about one event, of which the second follows, is open, or denies the first.</summary>
/// <remarks>
/// The second sentence is drawn before the label is looked at, so that nothing in it alone gives the label away.
/// </remarks>
internal static class EntailedPair
{
    private const int Neutral = 1;
    private const int Contradiction = 2;

    /// <summary>A pair of the row's label, in the order of <see cref="SampleWorld.EntailmentLabels"/>.</summary>
    public static Example Draw(Storyteller teller, int row)
    {
        var label = row % SampleWorld.EntailmentLabels.Count;
        var (first, second) = Sentences(teller, label);
        return new(first.Text, second.Text, label);
    }

    /// <summary>Two sentences of a label.</summary>
    public static (SampleSentence First, SampleSentence Second) Sentences(Storyteller teller, int label)
    {
        while (true)
        {
            var kind = teller.Statement();
            var second = teller.Pattern(kind);
            var known = teller.Patterns(kind).ToLookup(first => second.Roles.All(first.Roles.Contains));
            SentencePattern[] complete = [.. known[true].Where(pattern => pattern != second)];
            SentencePattern[] silent = [.. known[false]];
            if (complete.Length == 0 || silent.Length == 0)
            {
                continue;
            }

            var facts = teller.Facts(kind);
            var premise = teller.Tell(kind, teller.One(label == Neutral ? silent : complete), facts);
            if (label == Contradiction)
            {
                var role = teller.One(second.Roles);
                facts[role] = teller.Another(role, facts[role]);
            }

            return (premise, teller.Tell(kind, second, facts));
        }
    }
}
