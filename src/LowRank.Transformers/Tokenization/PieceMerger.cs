namespace LowRank.Transformers.Tokenization;

/// <summary>Joins the pieces that stand side by side most often, and keeps count of what that changes.</summary>
internal sealed class PieceMerger
{
    private const string Continuation = "##";
    private readonly List<string> _pieces;
    private readonly Dictionary<string, int> _ids;
    private readonly List<(List<int> Ids, long Count)> _words = [];
    private readonly Dictionary<(int Left, int Right), long> _counts = [];
    private readonly Dictionary<(int Left, int Right), HashSet<int>> _places = [];
    private readonly PriorityQueue<(int Left, int Right), (long Count, string Text)> _queue =
        new(Comparer<(long Count, string Text)>.Create((a, b) =>
            a.Count != b.Count ? b.Count.CompareTo(a.Count) : string.CompareOrdinal(a.Text, b.Text)));

    /// <summary>Spells words with the pieces there are.</summary>
    /// <param name="pieces">Grows with each merge.</param>
    /// <param name="counts">Words and how often they occur; a word with a character that is no piece is left out.</param>
    public PieceMerger(List<string> pieces, Dictionary<string, long> counts)
    {
        _pieces = pieces;
        _ids = pieces.Index().ToDictionary(piece => piece.Item, piece => piece.Index, StringComparer.Ordinal);
        foreach (var (word, count) in counts.OrderBy(word => word.Key, StringComparer.Ordinal))
        {
            var ids = word.EnumerateRunes()
                .Select((rune, place) => _ids.GetValueOrDefault(place == 0 ? rune.ToString() : Continuation + rune, -1))
                .ToList();
            if (!ids.Contains(-1))
            {
                _words.Add((ids, count));
                Add(_words.Count - 1, 1);
            }
        }

        foreach (var pair in _counts.Keys)
        {
            Offer(pair);
        }
    }

    /// <summary>Merges until there are so many pieces, or no pair is frequent enough.</summary>
    public void Grow(int size, int leastCount)
    {
        while (_pieces.Count < size && _queue.TryDequeue(out var pair, out var priority))
        {
            var now = _counts.GetValueOrDefault(pair);
            if (now != priority.Count)
            {
                continue; // an older count; the newer one is in the queue as well
            }

            if (now < leastCount)
            {
                return;
            }

            Merge(pair, priority.Text);
        }
    }

    private void Merge((int Left, int Right) pair, string text)
    {
        if (!_ids.TryGetValue(text, out var joined))
        {
            joined = _pieces.Count;
            _pieces.Add(text);
            _ids.Add(text, joined);
        }

        var changed = new HashSet<(int, int)>();
        foreach (var place in _places[pair].Order().ToList())
        {
            var ids = _words[place].Ids;
            changed.UnionWith(Add(place, -1));
            for (var i = 0; i + 1 < ids.Count; i++)
            {
                if ((ids[i], ids[i + 1]) == pair)
                {
                    ids[i] = joined;
                    ids.RemoveAt(i + 1);
                }
            }

            changed.UnionWith(Add(place, 1));
        }

        changed.Remove(pair);
        foreach (var other in changed)
        {
            Offer(other);
        }
    }

    // Counts a word's pairs in (+1) or out (-1).
    private List<(int, int)> Add(int place, int sign)
    {
        var (ids, count) = _words[place];
        var pairs = new List<(int, int)>();
        for (var i = 0; i + 1 < ids.Count; i++)
        {
            var pair = (ids[i], ids[i + 1]);
            pairs.Add(pair);
            _counts[pair] = _counts.GetValueOrDefault(pair) + (sign * count);
            if (!_places.TryGetValue(pair, out var places))
            {
                _places.Add(pair, places = []);
            }

            _ = sign > 0 ? places.Add(place) : places.Remove(place);
        }

        return pairs;
    }

    private void Offer((int Left, int Right) pair)
    {
        var count = _counts[pair];
        if (count > 0)
        {
            _queue.Enqueue(pair, (count, _pieces[pair.Left] + _pieces[pair.Right][Continuation.Length..]));
        }
    }
}
