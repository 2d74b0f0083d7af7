namespace LowRank.FineTuning.Metrics.Generation;

/// <summary>Porter's stemmer with the departures of NLTK, on which ROUGE's and METEOR's reference code rests.</summary>
/// <remarks>Porter 1980; NLTK adds a few irregular words and gentler rules for short ones.</remarks>
public static class PorterStemmer
{
    private static readonly Dictionary<string, string> Irregular = new (string Stem, string[] Words)[]
    {
        ("sky", ["sky", "skies"]), ("die", ["dying"]), ("lie", ["lying"]), ("tie", ["tying"]), ("news", ["news"]),
        ("inning", ["innings", "inning"]), ("outing", ["outings", "outing"]), ("canning", ["cannings", "canning"]),
        ("howe", ["howe"]), ("proceed", ["proceed"]), ("exceed", ["exceed"]), ("succeed", ["succeed"]),
    }.SelectMany(entry => entry.Words, (entry, word) => (word, entry.Stem)).ToDictionary(StringComparer.Ordinal);

    private static readonly (string From, string To)[] Doubles =
    [
        ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("bli", "ble"),
        ("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize"), ("ation", "ate"),
        ("ator", "ate"), ("alism", "al"), ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"),
        ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"), ("fulli", "ful"),
    ];

    private static readonly (string From, string To)[] Adjectives =
    [
        ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", ""),
    ];

    private static readonly string[] Endings =
    [
        "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate",
        "iti", "ous", "ive", "ize",
    ];

    /// <summary>The stem of a word.</summary>
    /// <param name="word">An English word; capitals are made small.</param>
    /// <returns>The stem, which need not be a word.</returns>
    public static string Stem(string word)
    {
        word = Tensors.Check.NotNull(word).ToLowerInvariant();
        if (Irregular.TryGetValue(word, out var known) || word.Length <= 2)
        {
            return known ?? word;
        }

        word = Participle(Plural(word));
        word = word.EndsWith('y') && word.Length > 2 && IsConsonant(word, word.Length - 2) ? word[..^1] + "i" : word;
        word = Replaced(Doubled(word), Adjectives);
        return LastLetters(Ending(word));
    }

    private static string Plural(string word) =>
        Ends(word, "ies") && word.Length == 4 ? word[..^1]
        : Ends(word, "sses") || Ends(word, "ies") ? word[..^2]
        : Ends(word, "s") && !Ends(word, "ss") ? word[..^1]
        : word;

    private static string Participle(string word)
    {
        if (Ends(word, "ied"))
        {
            return word.Length == 4 ? word[..^1] : word[..^2];
        }

        if (Ends(word, "eed"))
        {
            return Measure(word[..^3]) > 0 ? word[..^1] : word;
        }

        var stem = Ends(word, "ed") ? word[..^2] : Ends(word, "ing") ? word[..^3] : null;
        if (stem is null || !Enumerable.Range(0, stem.Length).Any(i => !IsConsonant(stem, i)))
        {
            return word;
        }

        if (Ends(stem, "at") || Ends(stem, "bl") || Ends(stem, "iz"))
        {
            return stem + "e";
        }

        return EndsInDouble(stem) ? (stem[^1] is 'l' or 's' or 'z' ? stem : stem[..^1])
            : Measure(stem) == 1 && EndsShort(stem) ? stem + "e"
            : stem;
    }

    private static string Doubled(string word)
    {
        if (Ends(word, "alli") && Measure(word[..^4]) > 0)
        {
            return Doubled(word[..^2]);
        }

        return Ends(word, "logi") ? (Measure(word[..^3]) > 0 ? word[..^1] : word) : Replaced(word, Doubles);
    }

    // The first rule whose ending fits decides, whether or not the stem before it is long enough.
    private static string Replaced(string word, (string From, string To)[] rules)
    {
        var (from, to) = Array.Find(rules, rule => Ends(word, rule.From));
        return from is not null && Measure(word[..^from.Length]) > 0 ? word[..^from.Length] + to : word;
    }

    private static string Ending(string word)
    {
        var ending = Array.Find(Endings, ending => Ends(word, ending));
        if (ending is null)
        {
            return word;
        }

        var stem = word[..^ending.Length];
        return Measure(stem) > 1 && (ending != "ion" || stem[^1] is 's' or 't') ? stem : word;
    }

    private static string LastLetters(string word)
    {
        if (Ends(word, "e"))
        {
            var stem = word[..^1];
            var measure = Measure(stem);
            word = measure > 1 || (measure == 1 && !EndsShort(stem)) ? stem : word;
        }

        return Ends(word, "ll") && Measure(word[..^1]) > 1 ? word[..^1] : word;
    }

    private static bool Ends(string word, string ending) => word.EndsWith(ending, StringComparison.Ordinal);

    private static bool IsConsonant(string word, int at) => word[at] switch
    {
        'a' or 'e' or 'i' or 'o' or 'u' => false,
        'y' => at == 0 || !IsConsonant(word, at - 1),
        _ => true,
    };

    // How often a vowel is followed by a consonant.
    private static int Measure(string stem) =>
        Enumerable.Range(1, Math.Max(0, stem.Length - 1)).Count(i => IsConsonant(stem, i) && !IsConsonant(stem, i - 1));

    private static bool EndsInDouble(string word) =>
        word.Length >= 2 && word[^1] == word[^2] && IsConsonant(word, word.Length - 1);

    private static bool EndsShort(string word) => word.Length switch
    {
        < 2 => false,
        2 => !IsConsonant(word, 0) && IsConsonant(word, 1),
        var length => IsConsonant(word, length - 3) && !IsConsonant(word, length - 2)
            && IsConsonant(word, length - 1) && word[^1] is not ('w' or 'x' or 'y'),
    };
}
