using System.Collections.Concurrent;

namespace LowRank.Transformers.Tokenization;

/// <summary>Ids of words seen before: at most 32,768 short ones. Safe for many threads.</summary>
/// <param name="spell">The ids of a word that is not known yet.</param>
internal sealed class KnownWords(Func<string, int[]> spell)
{
    private const int Most = 1 << 15;
    private const int Longest = 32;

    private readonly ConcurrentDictionary<string, int[]> _known = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>The ids of a word.</summary>
    public int[] IdsOf(ReadOnlySpan<char> word)
    {
        if (word.Length > Longest)
        {
            return spell(word.ToString());
        }

        if (_known.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word, out var ids))
        {
            return ids;
        }

        var text = word.ToString();
        ids = spell(text);
        if (Volatile.Read(ref _count) < Most && _known.TryAdd(text, ids))
        {
            Interlocked.Increment(ref _count);
        }

        return ids;
    }
}
