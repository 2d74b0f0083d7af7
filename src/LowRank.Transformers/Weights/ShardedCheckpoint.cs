using System.Text.Json;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Transformers.Weights;

/// <summary>The tensors of a checkpoint cut into several files, with an index that says which lies where.</summary>
/// <remarks>Reads <c>model.safetensors.index.json</c> and <c>pytorch_model.bin.index.json</c>.</remarks>
public sealed class ShardedCheckpoint : TensorSource
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly List<TensorSource> _shards = [];
    private readonly Dictionary<string, TensorSource> _homes = new(StringComparer.Ordinal);
    private readonly List<TensorEntry> _entries = [];

    private ShardedCheckpoint(string path) => Path = path;

    /// <inheritdoc/>
    public override string Path { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<TensorEntry> Entries => _entries;

    /// <summary>Opens an index and all files it names, and checks one against the other.</summary>
    /// <param name="path">The index.</param>
    /// <returns>The source; the caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">The index or some files it names are missing.</exception>
    /// <exception cref="InvalidDataException">A damaged index or file, or the two disagree.</exception>
    public static ShardedCheckpoint Open(string path)
    {
        var map = ReadIndex(Check.NotBlank(path));
        var source = new ShardedCheckpoint(path);
        try
        {
            source.OpenShards(map);
            return source;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override Tensor Read(string name) =>
        _homes.TryGetValue(Check.NotNull(name), out var shard)
            ? shard.Read(name)
            : throw new InvalidDataException(
                $"{Path}: tensor '{name}': got no such tensor; wanted one of the {_entries.Count} here.");

    /// <inheritdoc/>
    protected override void Close()
    {
        foreach (var shard in _shards)
        {
            shard.Dispose();
        }
    }

    /// <summary>The files that an index names, each once, in order of name.</summary>
    internal static IReadOnlyList<string> Files(string path) =>
        [.. ReadIndex(path).Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Writes the index of files in one folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="homes">The file of each tensor.</param>
    /// <param name="bytes">The size of all tensors.</param>
    internal static void WriteIndex(string folder, IReadOnlyDictionary<string, string> homes, long bytes) =>
        AtomicFile.WriteText(
            System.IO.Path.Combine(folder, "model.safetensors.index.json"),
            JsonSerializer.Serialize(
                new { metadata = new { total_size = bytes }, weight_map = homes }, Indented) + "\n");

    private static Dictionary<string, string> ReadIndex(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"{path}: there is no such file; wanted the index of a sharded checkpoint. Check the path.", path);
        }

        try
        {
            using var json = JsonDocument.Parse(
                File.ReadAllBytes(path), new JsonDocumentOptions { AllowDuplicateProperties = false });
            var map = json.RootElement.GetProperty("weight_map").EnumerateObject()
                .ToDictionary(item => item.Name, item => item.Value.GetString() ?? "", StringComparer.Ordinal);
            return map.Values.FirstOrDefault(file => !IsPlainName(file)) is { } odd
                ? throw new InvalidDataException(
                    $"{path}: weight_map: got the file '{odd}'; wanted a plain *.safetensors or *.bin name beside " +
                    "the index. Fetch the index again.")
                : map;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException(
                $"{path}: got an index that cannot be read ({e.Message}); wanted a JSON object whose weight_map " +
                "gives each tensor's file. Fetch it again.",
                e);
        }
    }

    // An index comes from outside: it must not reach files elsewhere.
    private static bool IsPlainName(string file) =>
        (file.EndsWith(".safetensors", StringComparison.Ordinal) || file.EndsWith(".bin", StringComparison.Ordinal))
        && file[0] != '.' && file.AsSpan().IndexOfAny("/\\:") < 0 && !file.Any(char.IsControl);

    private void OpenShards(Dictionary<string, string> map)
    {
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path)) ?? "";
        var files = map.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var missing = files.Where(file => !File.Exists(System.IO.Path.Combine(folder, file))).ToArray();
        if (missing.Length > 0)
        {
            throw new FileNotFoundException(
                $"{Path}: got {files.Length - missing.Length} of {files.Length} files; missing: " +
                $"{string.Join(", ", missing)}. Fetch them into {folder}.",
                System.IO.Path.Combine(folder, missing[0]));
        }

        foreach (var file in files)
        {
            var shard = CheckpointFolder.OpenFile(System.IO.Path.Combine(folder, file));
            _shards.Add(shard);
            TakeEntries(shard, file, map);
        }

        if (map.Keys.FirstOrDefault(name => !_homes.ContainsKey(name)) is { } lost)
        {
            throw new InvalidDataException(
                $"{Path}: tensor '{lost}': got none in '{map[lost]}'; wanted it there, as the index says. " +
                "Index and files are of different versions: fetch all of them again.");
        }
    }

    private void TakeEntries(TensorSource shard, string file, Dictionary<string, string> map)
    {
        foreach (var entry in shard.Entries)
        {
            if (!map.TryGetValue(entry.Name, out var home) || home != file)
            {
                throw new InvalidDataException(
                    $"{Path}: tensor '{entry.Name}': got it in '{file}'; wanted it in '{home ?? "no file"}', as the " +
                    "index says. Index and files are of different versions: fetch all of them again.");
            }

            _homes.Add(entry.Name, shard);
            _entries.Add(entry);
        }
    }
}
