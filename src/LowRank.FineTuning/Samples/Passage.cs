namespace LowRank.FineTuning.Samples;

/// <summary>A few sentences that belong together.</summary>
internal static class Passage
{
    private const double EventShare = 0.6;
    private const double RequestShare = 0.3;
    private const double OtherWordsShare = 0.5;
    private const int MostRetellings = 3;

    /// <summary>An event or a request told two to four times in other words, or a day in somebody's life.</summary>
    /// <param name="page">Chooses what the passages around are about, too.</param>
    /// <param name="teller">Chooses all else.</param>
    public static IReadOnlyList<string> Draw(Storyteller page, Storyteller teller)
    {
        var draw = page.Random.NextDouble();
        return draw < EventShare ? Retold(teller, page.Statement())
            : draw < EventShare + RequestShare ? Retold(teller, page.Request())
            : Story(teller);
    }

    private static List<string> Retold(Storyteller teller, SentenceKind kind)
    {
        var facts = teller.Facts(kind);
        var said = teller.Happens(OtherWordsShare) ? new HashSet<string>() : null;
        var pattern = teller.Pattern(kind);
        var sentences = new List<string> { teller.Tell(kind, pattern, facts, said).Text };
        for (var more = teller.Random.Next(MostRetellings) + 1; more > 0; more--)
        {
            pattern = teller.Other(kind, pattern);
            sentences.Add(teller.Tell(kind, pattern, facts, said).Text);
        }

        return sentences;
    }

    // Different events of one person on one day: what they share is told again and again.
    private static List<string> Story(Storyteller teller)
    {
        var shared = new Dictionary<string, string>();
        var sentences = new List<string>();
        for (var events = 2 + teller.Random.Next(3); events > 0; events--)
        {
            var kind = teller.Statement();
            var facts = teller.Facts(kind);
            foreach (var (role, value) in facts.ToList())
            {
                shared.TryAdd(role, value);
                facts[role] = shared[role];
            }

            sentences.Add(teller.Tell(kind, teller.Pattern(kind), facts).Text);
        }

        return sentences;
    }
}
