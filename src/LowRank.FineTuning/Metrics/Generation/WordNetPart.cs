using System.Globalization;

namespace LowRank.FineTuning.Metrics.Generation;

/// <summary>One part of speech of a WordNet folder: base forms, and the words of each meaning.</summary>
internal sealed class WordNetPart
{
    private readonly Dictionary<string, int[]> _meanings;
    private readonly Dictionary<int, string[]> _words;
    private readonly Dictionary<string, string[]> _irregular;
    private readonly (string From, string To)[] _endings;

    private WordNetPart(string folder, string name, (string From, string To)[] endings)
    {
        var files = FilesOf(name).Select(file => Path.Combine(folder, file)).ToArray();
        _words = Lines(files[1], Meaning).ToDictionary();
        _meanings = Lines(files[0], fields => Entry(fields, _words)).ToDictionary(StringComparer.Ordinal);
        _irregular = Lines(files[2], fields => KeyValuePair.Create(fields[0], fields[1..]))
            .GroupBy(entry => entry.Key, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Last().Value, StringComparer.Ordinal);
        _endings = endings;
    }

    /// <summary>The names of a part's files.</summary>
    public static string[] FilesOf(string name) => [$"index.{name}", $"data.{name}", $"{name}.exc"];

    /// <summary>Reads a part.</summary>
    public static WordNetPart Read(string folder, string name, (string From, string To)[] endings) =>
        new(folder, name, endings);

    /// <summary>The single words of all meanings of a word and its base forms.</summary>
    public IEnumerable<string> WordsAlike(string word) =>
        BaseForms(word).SelectMany(form => _meanings[form]).SelectMany(meaning => _words[meaning]);

    // Irregular forms decide alone; else endings are taken off, more than once only until something is found.
    private List<string> BaseForms(string word)
    {
        if (_irregular.TryGetValue(word, out var bases))
        {
            return Known(bases.Prepend(word));
        }

        var shorter = Shortened([word]);
        var found = Known(shorter.Prepend(word));
        while (found.Count == 0 && shorter.Count > 0)
        {
            shorter = Shortened(shorter);
            found = Known(shorter);
        }

        return found;
    }

    private List<string> Known(IEnumerable<string> forms) => [.. forms.Where(_meanings.ContainsKey).Distinct()];

    private List<string> Shortened(List<string> forms) =>
    [
        .. from form in forms
           from ending in _endings
           where form.EndsWith(ending.From, StringComparison.Ordinal)
           select form[..^ending.From.Length] + ending.To,
    ];

    // data: offset, file, kind, count of words in hexadecimal, then each word with a number. Adjectives have marks such
    // as "(p)" behind them.
    private static KeyValuePair<int, string[]> Meaning(string[] fields)
    {
        var count = int.Parse(fields[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var words = Enumerable.Range(0, count).Select(i => fields[4 + (2 * i)].Split('(')[0]);
        return new(Number(fields[0]), [.. words.Where(word => !word.Contains('_', StringComparison.Ordinal))]);
    }

    // index: word, kind, count of meanings, ..., and at the end the meanings' offsets.
    private static KeyValuePair<string, int[]> Entry(string[] fields, Dictionary<int, string[]> words)
    {
        var meanings = fields[^Number(fields[2])..].Select(Number).ToArray();
        return meanings.All(words.ContainsKey)
            ? new(fields[0], meanings)
            : throw new FormatException("names a meaning that the data file does not have");
    }

    private static int Number(string field) => int.Parse(field, CultureInfo.InvariantCulture);

    // The licence stands before the data, in lines that begin with a blank.
    private static IEnumerable<T> Lines<T>(string path, Func<string[], T> parse)
    {
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (line.Length > 0 && line[0] != ' ')
            {
                yield return Parsed(path, number, line, parse);
            }
        }
    }

    private static T Parsed<T>(string path, int number, string line, Func<string[], T> parse)
    {
        try
        {
            return parse(line.Split('|')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }
        catch (Exception error) when (error is FormatException or OverflowException or IndexOutOfRangeException
            or ArgumentOutOfRangeException)
        {
            var start = line.Length > 40 ? $"{line[..40]}..." : line;
            throw new InvalidDataException(
                $"{path}: line {number}: got '{start}' ({error.Message}); wanted a line of WordNet 3.x.", error);
        }
    }
}
