using System.Collections;
using static TorchSharp.torch;

namespace LowRank.Tensors;

/// <summary>Named tensors in a fixed order; the map owns them and disposes them with itself.</summary>
/// <remarks>Independent of dispose scopes: a tensor that enters the map leaves its scope. Not thread-safe.</remarks>
public sealed class TensorMap : IEnumerable<KeyValuePair<string, Tensor>>, IDisposable
{
    private readonly OrderedDictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);

    /// <summary>Number of tensors.</summary>
    public int Count => _tensors.Count;

    /// <summary>All names, in the order of adding.</summary>
    public IReadOnlyList<string> Names => _tensors.Keys;

    /// <summary>Free text pairs that travel with the tensors in a file.</summary>
    public IDictionary<string, string> Metadata { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The tensor of a name; it stays the map's.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    public Tensor this[string name] => _tensors.TryGetValue(Check.NotNull(name), out var tensor)
        ? tensor
        : throw new KeyNotFoundException($"tensor '{name}': got no such tensor; wanted one of the {Count} in the map.");

    /// <summary>Reads all tensors of a safetensors file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>CPU tensors in their own dtypes, in the order of the file; the caller disposes the map.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is not a valid safetensors file.</exception>
    public static TensorMap Load(string path)
    {
        using var file = SafeTensorsFile.Open(path);
        var map = new TensorMap();
        try
        {
            foreach (var entry in file.Entries)
            {
                map.Add(entry.Name, file.ReadTensor(entry.Name));
            }
        }
        catch
        {
            map.Dispose();
            throw;
        }

        foreach (var (key, value) in file.Metadata)
        {
            map.Metadata.Add(key, value);
        }

        return map;
    }

    /// <summary>Writes all tensors and the metadata to a safetensors file, whole or not at all.</summary>
    /// <param name="path">The target; an existing file is replaced.</param>
    /// <exception cref="IOException">The file cannot be written; nothing is left behind.</exception>
    public void Save(string path) =>
        SafeTensors.Write(
            path, _tensors.Select(pair => TensorData.Of(pair.Key, pair.Value)), Metadata.AsReadOnly());

    /// <summary>Adds a tensor, which is the map's from now on.</summary>
    /// <param name="name">A name not yet in the map.</param>
    /// <param name="tensor">Any tensor; taken out of its dispose scope.</param>
    /// <exception cref="ArgumentException">The name is there already; the tensor stays the caller's.</exception>
    public void Add(string name, Tensor tensor)
    {
        Check.NotNull(tensor);
        Check.That(
            _tensors.TryAdd(Check.NotNull(name), tensor),
            nameof(name),
            $"tensor '{name}': got the name twice; wanted it once.");
        tensor.DetachFromDisposeScope();
    }

    /// <summary>Whether the map holds a tensor of this name.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <returns>True when it does.</returns>
    public bool Contains(string name) => _tensors.ContainsKey(Check.NotNull(name));

    /// <summary>Takes a tensor out of the map; it is the caller's from now on, outside any dispose scope.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <returns>The tensor.</returns>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    public Tensor Take(string name)
    {
        var tensor = this[name];
        _tensors.Remove(name);
        return tensor;
    }

    /// <summary>All names and tensors, in the order of adding.</summary>
    /// <returns>The pairs; the tensors stay the map's.</returns>
    public IEnumerator<KeyValuePair<string, Tensor>> GetEnumerator() => _tensors.GetEnumerator();

    /// <summary>Disposes every tensor still in the map.</summary>
    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
        {
            tensor.Dispose();
        }

        _tensors.Clear();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
