namespace LowRank.Transformers.Tokenization;

/// <summary>The merges of a byte-pair vocabulary, applied in order of rank and, within a rank, from the left.</summary>
/// <remarks>
/// Sennrich, Haddow and Birch 2016. A queue of candidate pairs keeps the time at n log n for a word of n bytes;
/// looking for the best pair again after every merge would take n squared.
/// </remarks>
internal sealed class PairMerges
{
    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> _merges;

    /// <summary>Looks the pieces of each merge up.</summary>
    /// <param name="merges">Pairs of pieces, most frequent first.</param>
    /// <param name="vocabulary">The ids of all pieces.</param>
    /// <exception cref="ArgumentException">A merge speaks of a piece that the vocabulary does not have.</exception>
    public PairMerges(
        IReadOnlyList<(string Left, string Right)> merges, IReadOnlyDictionary<string, int> vocabulary)
    {
        _merges = new(merges.Count);
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var (left, right) = merges[rank];
            int Id(string piece) => vocabulary.TryGetValue(piece, out var id)
                ? id
                : throw new ArgumentException(
                    $"merge {rank + 1} ('{left}' with '{right}'): the vocabulary has no piece '{piece}'.",
                    nameof(merges));
            _merges[(Id(left), Id(right))] = (rank, Id(left + right));
        }
    }

    /// <summary>The pieces that a word of single bytes ends up as.</summary>
    /// <param name="symbols">The ids of the bytes; overwritten.</param>
    public int[] Apply(int[] symbols)
    {
        var next = new int[symbols.Length];
        var previous = new int[symbols.Length];
        var queue = new PriorityQueue<(int At, int Id), long>();
        for (var i = 0; i < symbols.Length; i++)
        {
            next[i] = i + 1;
            previous[i] = i - 1;
            Offer(queue, symbols, i, i + 1);
        }

        while (queue.TryDequeue(out var candidate, out _))
        {
            var at = candidate.At;
            var right = symbols[at] < 0 ? symbols.Length : next[at];
            if (right >= symbols.Length
                || !_merges.TryGetValue((symbols[at], symbols[right]), out var merge)
                || merge.Id != candidate.Id)
            {
                continue; // An earlier merge has taken one of the two.
            }

            symbols[at] = merge.Id;
            symbols[right] = -1;
            next[at] = next[right];
            if (next[at] < symbols.Length)
            {
                previous[next[at]] = at;
                Offer(queue, symbols, at, next[at]);
            }

            if (previous[at] >= 0)
            {
                Offer(queue, symbols, previous[at], at);
            }
        }

        return [.. symbols.Where(symbol => symbol >= 0)];
    }

    private void Offer(PriorityQueue<(int At, int Id), long> queue, int[] symbols, int at, int right)
    {
        if (right < symbols.Length && _merges.TryGetValue((symbols[at], symbols[right]), out var merge))
        {
            queue.Enqueue((at, merge.Id), ((long)merge.Rank << 32) | (uint)at);
        }
    }
}
