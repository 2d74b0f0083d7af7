using System.Collections.Concurrent;
using LowRank.Tensors;

namespace LowRank.FineTuning.Metrics.Generation;

/// <summary>Synonyms from the files of WordNet 3.x, looked up as NLTK does.</summary>
/// <remarks>Fellbaum 1998. Reads some 30 MB once; lookups are safe from any thread.</remarks>
public sealed class WordNet
{
    private const string Wanted = "wanted the folder 'dict' of WordNet 3.x, with index, data and exc files of "
        + "noun, verb, adj and adv";

    private static readonly (string Name, (string From, string To)[] Endings)[] Kinds =
    [
        ("noun",
        [
            ("s", ""), ("ses", "s"), ("ves", "f"), ("xes", "x"), ("zes", "z"), ("ches", "ch"), ("shes", "sh"),
            ("men", "man"), ("ies", "y"),
        ]),
        ("verb", [("s", ""), ("ies", "y"), ("es", "e"), ("es", ""), ("ed", "e"), ("ed", ""), ("ing", "e"), ("ing", "")]),
        ("adj", [("er", ""), ("est", ""), ("er", "e"), ("est", "e")]),
        ("adv", []),
    ];

    private readonly IReadOnlyList<WordNetPart> _parts;
    private readonly ConcurrentDictionary<string, IReadOnlySet<string>> _known = new(StringComparer.Ordinal);

    private WordNet(IReadOnlyList<WordNetPart> parts) => _parts = parts;

    /// <summary>Reads a WordNet folder.</summary>
    /// <param name="folder">The folder that holds <c>index.noun</c>, <c>data.noun</c>, <c>noun.exc</c> and so on, or
    /// that holds it as <c>dict</c>.</param>
    /// <returns>The synonyms.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file is missing; the text names it.</exception>
    /// <exception cref="InvalidDataException">A file is malformed; the text names it and the line.</exception>
    public static WordNet Open(string folder)
    {
        var below = Path.Combine(Check.NotBlank(folder), "dict");
        var place = Directory.Exists(below) ? below : folder;
        if (!Directory.Exists(place))
        {
            throw new DirectoryNotFoundException($"{place}: there is no such folder; {Wanted}.");
        }

        return Kinds.SelectMany(kind => WordNetPart.FilesOf(kind.Name)).Select(name => Path.Combine(place, name))
            .FirstOrDefault(path => !File.Exists(path)) is { } missing
            ? throw new FileNotFoundException($"{missing}: there is no such file; {Wanted}.", missing)
            : new([.. Kinds.Select(kind => WordNetPart.Read(place, kind.Name, kind.Endings))]);
    }

    /// <summary>All words that share a meaning with a word or with its base forms.</summary>
    /// <param name="word">The word, in any case; unknown words have no synonyms.</param>
    /// <returns>Words, never phrases, as WordNet writes them; mostly the word's base form among them.</returns>
    public IReadOnlySet<string> Of(string word) => _known.GetOrAdd(
        Check.NotNull(word).ToLowerInvariant(),
        form => _parts.SelectMany(part => part.WordsAlike(form)).ToHashSet(StringComparer.Ordinal));
}
