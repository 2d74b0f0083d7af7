using System.Collections;
using System.Globalization;
using LowRank.Tensors;

namespace LowRank.Completion;

/// <summary>The user's ids of rows or columns, in index order, and the way back.</summary>
/// <remarks>
/// Immutable and thread-safe. Ids are compared letter by letter. Ids that are plain numbers are kept as numbers: their
/// texts are made when asked for.
/// </remarks>
public sealed class IdMap
{
    private readonly string[]? _texts;
    private readonly int[]? _numbers;
    private readonly int _first;
    private readonly Lazy<Dictionary<string, int>>? _byText;
    private readonly Lazy<int[]>? _byNumber;

    /// <summary>Takes over the ids; their place is their index.</summary>
    /// <param name="ids">Distinct ids.</param>
    /// <exception cref="ArgumentException">An id stands twice.</exception>
    public IdMap(string[] ids)
        : this(ids, new Lazy<Dictionary<string, int>>(IndexTexts(Check.NotNull(ids))))
    {
    }

    private IdMap(string[] texts, Lazy<Dictionary<string, int>> byText)
    {
        _texts = texts;
        _byText = byText;
        Count = texts.Length;
        Ids = texts;
    }

    // Plain numbers 0 to some millions, distinct: the reader's usual case.
    private IdMap(int[] numbers)
    {
        _numbers = numbers;
        Count = numbers.Length;
        Ids = new TextList(this);
        _byNumber = new(() => IndexNumbers(numbers));
    }

    private IdMap(int first, int count)
    {
        _first = first;
        Count = count;
        Ids = new TextList(this);
    }

    /// <summary>Number of ids.</summary>
    public int Count { get; }

    /// <summary>All ids in index order.</summary>
    public IReadOnlyList<string> Ids { get; }

    /// <summary>The id at an index.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    public string this[int index] => _texts is not null
        ? _texts[index]
        : (_numbers?[index] ?? (_first + Check.InRange(index, 0, Count - 1))).ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// The ids <c>first</c>, <c>first + 1</c>, ...: the map of a matrix whose rows are known by their numbers.
    /// </summary>
    /// <param name="first">The first number, at least 0.</param>
    /// <param name="count">How many, at least 0.</param>
    /// <returns>A map that needs no memory per id.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A number is negative, or the last one is above the int range.
    /// </exception>
    public static IdMap Range(int first, int count)
    {
        Check.AtLeast(first, 0);
        Check.InRange(count, 0, int.MaxValue - first);
        return new IdMap(first, count);
    }

    /// <summary>Finds the index of an id.</summary>
    /// <param name="id">The user's id.</param>
    /// <param name="index">Its index, or 0 when unknown.</param>
    /// <returns>Whether the id is known.</returns>
    public bool TryIndexOf(string id, out int index)
    {
        if (_byText is not null)
        {
            return _byText.Value.TryGetValue(id, out index);
        }

        index = 0;
        if (!TryPlainNumber(Check.NotNull(id), out var number))
        {
            return false;
        }

        if (_byNumber is null)
        {
            index = number - _first;
            var known = index >= 0 && index < Count;
            index = known ? index : 0;
            return known;
        }

        var table = _byNumber.Value;
        var place = number < table.Length ? table[number] : 0;
        index = Math.Max(0, place - 1);
        return place > 0;
    }

    // The reader's maps: it has seen to it already that the ids are distinct, so that the index can wait for its use.
    internal static IdMap FromDistinctNumbers(int[] numbers) => new(numbers);

    internal static IdMap FromDistinctTexts(string[] texts) => new(texts, new(() => IndexTexts(texts)));

    // "7" is the number 7; "07", "+7" and "7.0" are other ids.
    private static bool TryPlainNumber(string id, out int number) =>
        int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out number)
        && (id.Length == 1 || id[0] != '0');

    private static Dictionary<string, int> IndexTexts(string[] ids)
    {
        var indices = new Dictionary<string, int>(ids.Length, StringComparer.Ordinal);
        for (var i = 0; i < ids.Length; i++)
        {
            Check.That(indices.TryAdd(ids[i], i), nameof(ids), $"got the id '{ids[i]}' twice; wanted distinct ids.");
        }

        return indices;
    }

    private static int[] IndexNumbers(int[] numbers)
    {
        var table = new int[numbers.Length == 0 ? 0 : numbers.Max() + 1];
        for (var i = 0; i < numbers.Length; i++)
        {
            table[numbers[i]] = i + 1;
        }

        return table;
    }

    private sealed class TextList(IdMap map) : IReadOnlyList<string>
    {
        public int Count => map.Count;

        public string this[int index] => map[index];

        public IEnumerator<string> GetEnumerator()
        {
            for (var i = 0; i < map.Count; i++)
            {
                yield return map[i];
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
