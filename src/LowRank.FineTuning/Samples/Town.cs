using System.Reflection;

namespace LowRank.FineTuning.Samples;

/// <summary>The grammar of the sample world, as <c>Town/*.txt</c> write it.</summary>
internal sealed class Town
{
    private static readonly Lazy<Town> Shared = new(() => new Town());
    private readonly Dictionary<string, Dictionary<string, string[][]>> _slots = [];

    private readonly Dictionary<string, string[]> _words = [];

    private Town()
    {
        foreach (var (words, lines) in Sections("town-slots.txt"))
        {
            _slots.Add(words[1], lines.Select(line => line.Split(": ", 2)).ToDictionary(
                parts => parts[0],
                parts => parts[1].Split(" / ").Select(form => form.Split(" | ")).ToArray()));
        }

        foreach (var (words, lines) in Sections("town-statements.txt").Concat(Sections("town-requests.txt")))
        {
            switch (words[0])
            {
                case "statement":
                    Statements.Add(Kind(words[1], lines));
                    break;
                case "request":
                    Requests.Add(Kind(words[1], lines));
                    break;
                case "words":
                    lines.ConvertAll(line => line.Split(": ", 2))
                        .ForEach(parts => _words.Add(parts[0], parts[1].Split(" | ")));
                    break;
                default:
                    Phrases.Add(words[0], lines);
                    break;
            }
        }
    }

    public static Town Instance => Shared.Value;

    /// <summary>Kinds of events.</summary>
    public List<SentenceKind> Statements { get; } = [];

    /// <summary>Kinds of requests: the intents.</summary>
    public List<SentenceKind> Requests { get; } = [];

    /// <summary>What may stand before or after a sentence and says nothing: opening, courtesy, closing.</summary>
    public Dictionary<string, IReadOnlyList<string>> Phrases { get; } = [];

    /// <summary>The values that a role can have.</summary>
    public IReadOnlyList<string> ValuesOf(string role) => [.. _slots[role].Keys];

    /// <summary>The wordings of a fact in a form; each says the same.</summary>
    public IReadOnlyList<string> WordingsOf(string role, string value, int form) => _slots[role][value][form];

    private SentenceKind Kind(string name, IEnumerable<string> lines) =>
        new(name, [.. lines.Select(line => new SentencePattern(line, _words))]);

    // A section begins with a line such as "slot who" or "opening" after a blank line, and goes on to the next.
    private static List<(string[] Words, List<string> Lines)> Sections(string file)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"The resource {file} is missing.");
        using var reader = new StreamReader(stream);
        var sections = new List<(string[] Words, List<string> Lines)>();
        var begins = true;
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#')
            {
                begins = true;
            }
            else if (begins)
            {
                sections.Add((line.Split(' '), []));
                begins = false;
            }
            else
            {
                sections[^1].Lines.Add(line);
            }
        }

        return sections;
    }
}
