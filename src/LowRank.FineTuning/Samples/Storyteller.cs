namespace LowRank.FineTuning.Samples;

/// <summary>Draws facts and puts them into words.</summary>
/// <param name="split">Whose patterns are used; null for all.</param>
/// <param name="random">Makes every choice.</param>
internal sealed class Storyteller(SampleSplit? split, Random random)
{
    private const double OpeningShare = 0.2;
    private const double CourtesyShare = 0.35;
    private const double ClosingShare = 0.25;

    private readonly Town _town = Town.Instance;

    public Random Random => random;

    public T One<T>(IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];

    public bool Happens(double share) => random.NextDouble() < share;

    public SentenceKind Statement() => One(_town.Statements);

    public SentenceKind Request() => One(_town.Requests);

    public SentencePattern Pattern(SentenceKind kind) => One(kind.In(split));

    /// <summary>A pattern other than the given one, where there is another.</summary>
    public SentencePattern Other(SentenceKind kind, SentencePattern than)
    {
        SentencePattern[] others = [.. kind.In(split).Where(pattern => pattern != than)];
        return others.Length == 0 ? than : One(others);
    }

    public IReadOnlyList<SentencePattern> Patterns(SentenceKind kind) => kind.In(split);

    /// <summary>A value for each role of a kind.</summary>
    public Dictionary<string, string> Facts(SentenceKind kind) =>
        kind.Roles.ToDictionary(role => role, role => One(_town.ValuesOf(role)));

    /// <summary>Another value for a role.</summary>
    public string Another(string role, string than) => One([.. _town.ValuesOf(role).Where(value => value != than)]);

    /// <summary>Facts in words.</summary>
    /// <param name="kind">What happens.</param>
    /// <param name="pattern">How it is told.</param>
    /// <param name="facts">Values of at least the pattern's roles.</param>
    /// <param name="said">Wordings used before, which are avoided where there are others; grows.</param>
    public SampleSentence Tell(
        SentenceKind kind, SentencePattern pattern, Dictionary<string, string> facts, HashSet<string>? said = null)
    {
        var body = Body(pattern, facts, said);
        return new(
            Sentence(_town.Statements.Contains(kind) ? WithOpening(body) : body),
            kind.Name,
            [.. pattern.Roles.Select(role => new SampleFact(role, facts[role]))]);
    }

    /// <summary>Facts in words, and not a word more.</summary>
    /// <param name="pattern">How they are told.</param>
    /// <param name="facts">Values of at least the pattern's roles.</param>
    public string Say(SentencePattern pattern, Dictionary<string, string> facts) => Sentence(Body(pattern, facts, null));

    /// <summary>A request with what people write around it.</summary>
    public string Message(string request)
    {
        var begin = request.StartsWith("I ", StringComparison.Ordinal) ? 'I' : char.ToLowerInvariant(request[0]);
        var text = Happens(CourtesyShare)
            ? Sentence($"{One(_town.Phrases["courtesy"])} {begin}{request[1..]}")
            : request;
        return Happens(ClosingShare) ? $"{text} {Sentence(One(_town.Phrases["closing"]))}" : text;
    }

    private string Body(SentencePattern pattern, Dictionary<string, string> facts, HashSet<string>? said) =>
        pattern.Fill((role, form) => _town.WordingsOf(role, facts[role], form), words => Word(words, said));

    private string Word(IReadOnlyList<string> wordings, HashSet<string>? said)
    {
        if (said is null || wordings.Count == 1)
        {
            return One(wordings);
        }

        string[] fresh = [.. wordings.Where(wording => !said.Contains(wording))];
        var word = One(fresh.Length == 0 ? wordings : fresh);
        said.Add(word);
        return word;
    }

    private string WithOpening(string body) =>
        Happens(OpeningShare) ? $"{One(_town.Phrases["opening"])} {body}" : body;

    // "the baker , it rained ." becomes "The baker, it rained."
    private static string Sentence(string words)
    {
        var text = words;
        foreach (var mark in new[] { ",", ".", ";", ":", "?", "!" })
        {
            text = text.Replace($" {mark}", mark, StringComparison.Ordinal);
        }

        return char.ToUpperInvariant(text[0]) + text[1..];
    }
}
