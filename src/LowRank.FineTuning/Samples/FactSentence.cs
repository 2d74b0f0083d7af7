namespace LowRank.FineTuning.Samples;

/// <summary>Facts as a list, and a sentence that tells these facts and no other.</summary>
/// <param name="Source">
/// The facts, such as <c>kind[lost], who[the baker], thing[umbrella]</c>: the kind of event, and roles with their values.
/// </param>
/// <param name="Target">A sentence; the same facts may have several, each in a row of its own.</param>
public sealed record FactSentence(string Source, string Target)
{
    /// <summary>Some facts and several sentences that tell them.</summary>
    /// <remarks>The facts are those of one pattern; other patterns that tell just as much of them are used as well.</remarks>
    /// <param name="teller">Makes every choice.</param>
    /// <param name="references">How many sentences, each different.</param>
    internal static IEnumerable<FactSentence> Draw(Storyteller teller, int references)
    {
        var kind = teller.Statement();
        var roles = teller.Pattern(kind).Roles;
        var patterns = teller.Patterns(kind).Where(other => roles.ToHashSet().SetEquals(other.Roles)).ToArray();
        teller.Random.Shuffle(patterns);
        var facts = teller.Facts(kind);
        var told = new List<string>();
        while (told.Count < references)
        {
            var sentence = teller.Say(patterns[told.Count % patterns.Length], facts);
            told.AddRange(told.Contains(sentence) ? [] : [sentence]);
        }

        var source = Listed(kind, roles, facts);
        return told.Select(sentence => new FactSentence(source, sentence));
    }

    // In the order of the kind, so that the list does not give the pattern away; a value by its plainest wording.
    private static string Listed(SentenceKind kind, IReadOnlyList<string> roles, Dictionary<string, string> facts) =>
        string.Join(", ", kind.Roles.Where(roles.Contains)
            .Select(role => $"{role}[{Town.Instance.WordingsOf(role, facts[role], 0)[0]}]")
            .Prepend($"kind[{kind.Name}]"));
}
