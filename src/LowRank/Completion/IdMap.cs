using LowRank.Tensors;

namespace LowRank.Completion;

/// <summary>The user's ids of rows or columns, in index order, and the way back.</summary>
/// <remarks>Immutable and thread-safe. Ids are compared letter by letter.</remarks>
public sealed class IdMap
{
    private readonly string[] _ids;
    private readonly Dictionary<string, int> _indices;

    /// <summary>Takes over the ids; their place is their index.</summary>
    /// <param name="ids">Distinct ids.</param>
    /// <exception cref="ArgumentException">An id stands twice.</exception>
    public IdMap(string[] ids)
    {
        _ids = Check.NotNull(ids);
        _indices = new(ids.Length, StringComparer.Ordinal);
        for (var i = 0; i < ids.Length; i++)
        {
            Check.That(_indices.TryAdd(ids[i], i), nameof(ids), $"got the id '{ids[i]}' twice; wanted distinct ids.");
        }
    }

    /// <summary>Number of ids.</summary>
    public int Count => _ids.Length;

    /// <summary>All ids in index order.</summary>
    public IReadOnlyList<string> Ids => _ids;

    /// <summary>The id at an index.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    public string this[int index] => _ids[index];

    /// <summary>Finds the index of an id.</summary>
    /// <param name="id">The user's id.</param>
    /// <param name="index">Its index, or 0 when unknown.</param>
    /// <returns>Whether the id is known.</returns>
    public bool TryIndexOf(string id, out int index) => _indices.TryGetValue(id, out index);
}
