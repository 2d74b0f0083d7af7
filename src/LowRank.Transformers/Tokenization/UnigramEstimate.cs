namespace LowRank.Transformers.Tokenization;

/// <summary>Pieces and probabilities under which some words are likely, reduced to fewer and fewer of them.</summary>
internal sealed class UnigramEstimate
{
    private const int MostSeeds = 1_000_000;
    private const int PassesPerCut = 2;
    private const double KeptShare = 0.75;
    private const double Reserve = 1.1; // so many more than wanted are kept for the last choice
    private const double LeastCount = 0.5; // rarer pieces go at once

    private readonly (string Word, long Count)[] _words;
    private readonly HashSet<string> _letters;
    private readonly int _longest;
    private string[] _pieces = [];
    private double[] _scores = [];
    private Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;

    /// <summary>Begins with the substrings of the words.</summary>
    /// <param name="counts">Words and how often they occur; a word with another letter is left out.</param>
    /// <param name="letters">Single characters, which are pieces in any case.</param>
    /// <param name="longest">The most characters of a piece.</param>
    public UnigramEstimate(Dictionary<string, long> counts, IEnumerable<string> letters, int longest)
    {
        _letters = [.. letters];
        _longest = longest;
        _words =
        [
            .. counts
                .Where(word => word.Key.EnumerateRunes().All(rune => _letters.Contains(rune.ToString())))
                .OrderBy(word => word.Key, StringComparer.Ordinal)
                .Select(word => (word.Key, word.Value)),
        ];
        var seeds = Substrings();
        var total = Math.Log(seeds.Sum(seed => seed.Weight));
        Take(seeds.Select(seed => (seed.Piece, Math.Log(seed.Weight) - total)));
    }

    /// <summary>The best pieces, all letters among them, from the likeliest on.</summary>
    /// <param name="size">How many; not fewer than letters.</param>
    public IEnumerable<(string Piece, double Score)> Reduce(int size)
    {
        var wanted = (int)(Reserve * size);
        while (true)
        {
            for (var pass = 0; pass < PassesPerCut; pass++)
            {
                Maximise(Expect());
            }

            if (_pieces.Length <= wanted)
            {
                break;
            }

            Cut(Math.Max(wanted, (int)(KeptShare * _pieces.Length)));
        }

        return _pieces.Zip(_scores)
            .OrderByDescending(piece => _letters.Contains(piece.First))
            .ThenByDescending(piece => piece.Second)
            .Take(size)
            .OrderByDescending(piece => piece.Second)
            .ThenBy(piece => piece.First, StringComparer.Ordinal);
    }

    private void Take(IEnumerable<(string Piece, double Score)> pieces)
    {
        (string Piece, double Score)[] taken = [.. pieces];
        _pieces = [.. taken.Select(piece => piece.Piece)];
        _scores = [.. taken.Select(piece => piece.Score)];
        _ids = _pieces.Index()
            .ToDictionary(piece => piece.Item, piece => piece.Index, StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
    }

    // Letters, and what occurs more than once; long and frequent ones weigh most.
    private (string Piece, double Weight)[] Substrings()
    {
        var counts = _letters.ToDictionary(letter => letter, _ => 1L, StringComparer.Ordinal);
        var lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var (word, count) in _words)
        {
            for (var start = 0; start < word.Length; start++)
            {
                for (var end = start + 1; end <= Math.Min(word.Length, start + _longest); end++)
                {
                    var part = word.AsSpan(start, end - start);
                    if (IsPiece(part) && (end == word.Length || !char.IsLowSurrogate(word[end])))
                    {
                        lookup.TryGetValue(part, out var before);
                        lookup[part] = before + count;
                    }
                }
            }
        }

        return
        [
            .. counts
                .Where(part => part.Value > 1 || _letters.Contains(part.Key))
                .Select(part => (Piece: part.Key, Weight: (double)part.Value * part.Key.Length))
                .OrderByDescending(part => _letters.Contains(part.Piece))
                .ThenByDescending(part => part.Weight)
                .ThenBy(part => part.Piece, StringComparer.Ordinal)
                .Take(MostSeeds),
        ];
    }

    // All letters, all digits or all signs, perhaps after a blank.
    private static bool IsPiece(ReadOnlySpan<char> part)
    {
        var body = part[0] == UnigramTrainer.Blank ? part[1..] : part;
        for (var i = 0; i < body.Length; i++)
        {
            if (body[i] == UnigramTrainer.Blank || Sort(body[i]) != Sort(body[0]))
            {
                return false;
            }
        }

        return !char.IsLowSurrogate(part[0]);
    }

    private static int Sort(char letter) =>
        char.IsLetter(letter) || char.GetUnicodeCategory(letter) == System.Globalization.UnicodeCategory.NonSpacingMark ? 0
            : char.IsDigit(letter) ? 1
            : 2;

    // How often each piece is to be expected, over all ways to spell each word.
    private double[] Expect()
    {
        var expected = new double[_pieces.Length];
        foreach (var (word, count) in _words)
        {
            var edges = Edges(word);
            var before = Start(word.Length, 0);
            var after = Start(word.Length, word.Length);
            foreach (var (start, end, id) in edges)
            {
                before[end] = LogAdd(before[end], before[start] + _scores[id]);
            }

            for (var i = edges.Count - 1; i >= 0; i--)
            {
                var (start, end, id) = edges[i];
                after[start] = LogAdd(after[start], after[end] + _scores[id]);
                expected[id] += count * Math.Exp(before[start] + _scores[id] + after[end] - before[word.Length]);
            }
        }

        return expected;
    }

    // The digamma function favours few pieces: it is what a sparse prior comes to.
    private void Maximise(double[] expected)
    {
        var kept = Enumerable.Range(0, _pieces.Length)
            .Where(id => expected[id] >= LeastCount || _letters.Contains(_pieces[id]))
            .Select(id => (Piece: _pieces[id], Count: Math.Max(expected[id], LeastCount)))
            .ToArray();
        var total = Digamma(kept.Sum(piece => piece.Count));
        Take(kept.Select(piece => (piece.Piece, Digamma(piece.Count) - total)));
    }

    // Keeps letters, and the pieces whose loss would cost the text most.
    private void Cut(int size)
    {
        var uses = new double[_pieces.Length];
        foreach (var (word, count) in _words)
        {
            foreach (var id in Spell(word))
            {
                uses[id] += count;
            }
        }

        var total = uses.Sum();
        var kept = Enumerable.Range(0, _pieces.Length)
            .Where(id => uses[id] > 0 || _letters.Contains(_pieces[id]))
            .OrderByDescending(id => _letters.Contains(_pieces[id]) ? double.PositiveInfinity : Loss(id, uses, total))
            .ThenBy(id => _pieces[id], StringComparer.Ordinal)
            .Take(size)
            .Order()
            .ToArray();
        Take(kept.Select(id => (_pieces[id], _scores[id])));
    }

    // What the text's likelihood loses when a piece is spelled with others.
    private double Loss(int id, double[] uses, double total)
    {
        var others = Spell(_pieces[id], id);
        var totalThen = Math.Log(total + (uses[id] * (others.Count - 1)));
        var with = Math.Log(uses[id]) - Math.Log(total);
        var without = others.Sum(other => Math.Log(uses[other] + uses[id]) - totalThen);
        return uses[id] * (with - without);
    }

    // The likeliest way, perhaps without one piece; letters spell everything.
    private List<int> Spell(string word, int without = -1)
    {
        var best = Start(word.Length, 0);
        var last = new (int Start, int Id)[word.Length + 1];
        foreach (var (start, end, id) in Edges(word))
        {
            if (id != without && best[start] + _scores[id] > best[end])
            {
                best[end] = best[start] + _scores[id];
                last[end] = (start, id);
            }
        }

        var ids = new List<int>();
        for (var end = word.Length; end > 0; end = last[end].Start)
        {
            ids.Add(last[end].Id);
        }

        return ids;
    }

    // The pieces in a word, from the first to the last place where they begin.
    private List<(int Start, int End, int Id)> Edges(string word)
    {
        var edges = new List<(int, int, int)>();
        for (var start = 0; start < word.Length; start++)
        {
            for (var end = start + 1; end <= Math.Min(word.Length, start + _longest); end++)
            {
                if (_ids.TryGetValue(word.AsSpan(start, end - start), out var id))
                {
                    edges.Add((start, end, id));
                }
            }
        }

        return edges;
    }

    private static double[] Start(int length, int at)
    {
        var scores = new double[length + 1];
        Array.Fill(scores, double.NegativeInfinity);
        scores[at] = 0;
        return scores;
    }

    private static double LogAdd(double a, double b)
    {
        var (small, large) = a < b ? (a, b) : (b, a);
        return double.IsNegativeInfinity(small) ? large : large + Math.Log(1 + Math.Exp(small - large));
    }

    // By its recurrence up to where the asymptotic series is exact.
    private static double Digamma(double x)
    {
        var result = 0.0;
        for (; x < 7; x++)
        {
            result -= 1 / x;
        }

        var square = 1 / (x * x);
        return result + Math.Log(x) - (0.5 / x)
            - (square * ((1.0 / 12) - (square * ((1.0 / 120) - (square / 252)))));
    }
}
