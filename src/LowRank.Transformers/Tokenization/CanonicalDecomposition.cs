using System.Globalization;
using System.Text;

namespace LowRank.Transformers.Tokenization;

/// <summary>Unicode's canonical decomposition (NFD) from a table of our own.</summary>
/// <remarks>
/// <c>string.Normalize</c> returns its input unchanged in a program that runs with invariant globalization, as servers
/// and containers often do; a tokenizer must not depend on that.
/// </remarks>
internal static class CanonicalDecomposition
{
    private const int FirstSyllable = 0xAC00;
    private const int Syllables = 11172;
    private const int FirstLead = 0x1100;
    private const int FirstVowel = 0x1161;
    private const int FirstTail = 0x11A7;
    private const int Vowels = 21;
    private const int Tails = 28;

    private static readonly Lazy<Tables> Data = new(ReadTables);

    private sealed record Tables(Dictionary<int, int[]> Parts, Dictionary<int, byte> Classes);

    /// <summary>The decomposed characters of a text, marks in canonical order.</summary>
    public static List<Rune> Decompose(ReadOnlySpan<char> text)
    {
        var (parts, classes) = Data.Value;
        var runes = new List<Rune>(text.Length + 8);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value < 0xC0)
            {
                runes.Add(rune);
            }
            else if (rune.Value is >= FirstSyllable and < FirstSyllable + Syllables)
            {
                AddSyllable(runes, rune.Value - FirstSyllable);
            }
            else if (parts.TryGetValue(rune.Value, out var decomposed))
            {
                foreach (var part in decomposed)
                {
                    runes.Add(new Rune(part));
                }
            }
            else
            {
                runes.Add(rune);
            }
        }

        Order(runes, classes);
        return runes;
    }

    // Unicode 14, chapter 3.12: Hangul syllables are numbered lead by vowel by tail.
    private static void AddSyllable(List<Rune> runes, int index)
    {
        runes.Add(new Rune(FirstLead + (index / (Vowels * Tails))));
        runes.Add(new Rune(FirstVowel + (index % (Vowels * Tails) / Tails)));
        if (index % Tails is var tail and > 0)
        {
            runes.Add(new Rune(FirstTail + tail));
        }
    }

    // Stable order by combining class within each stretch of marks.
    private static void Order(List<Rune> runes, Dictionary<int, byte> classes)
    {
        var at = 0;
        while (at < runes.Count)
        {
            if (!classes.ContainsKey(runes[at].Value))
            {
                at++;
                continue;
            }

            var end = at + 1;
            while (end < runes.Count && classes.ContainsKey(runes[end].Value))
            {
                end++;
            }

            if (end - at > 1)
            {
                var ordered = runes.GetRange(at, end - at).OrderBy(rune => classes[rune.Value]).ToList();
                for (var i = 0; i < ordered.Count; i++)
                {
                    runes[at + i] = ordered[i];
                }
            }

            at = end;
        }
    }

    private static Tables ReadTables()
    {
        var parts = new Dictionary<int, int[]>();
        var classes = new Dictionary<int, byte>();
        using var stream = typeof(CanonicalDecomposition).Assembly
            .GetManifestResourceStream("unicode-decompositions.txt")
            ?? throw new InvalidOperationException("The Unicode table is missing from the assembly.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split(' ');
            if (fields[0] == "D")
            {
                parts.Add(Hex(fields[1]), [.. fields.Skip(2).Select(Hex)]);
            }
            else if (fields[0] == "C")
            {
                for (var code = Hex(fields[1]); code <= Hex(fields[2]); code++)
                {
                    classes.Add(code, (byte)Hex(fields[3]));
                }
            }
        }

        return new(parts, classes);
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
