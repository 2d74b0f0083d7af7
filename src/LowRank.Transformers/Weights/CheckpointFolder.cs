using LowRank.Tensors;

namespace LowRank.Transformers.Weights;

/// <summary>Finds and opens the weights in a model's folder.</summary>
public static class CheckpointFolder
{
    private static ReadOnlySpan<byte> LfsPointer => "version https://git-lfs"u8;

    /// <summary>The files that may hold a model's weights; the first that is there counts.</summary>
    public static IReadOnlyList<string> FileNames { get; } =
    [
        "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
    ];

    /// <summary>Opens the weights of a folder.</summary>
    /// <param name="folder">A model's folder in the Hugging Face layout.</param>
    /// <returns>The source; the caller disposes it.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">It holds none of <see cref="FileNames"/>, or not all shards.</exception>
    /// <exception cref="InvalidDataException">The weights are damaged.</exception>
    public static TensorSource Open(string folder) => OpenFile(Find(folder));

    /// <summary>Finds the weights of a folder without opening them.</summary>
    /// <param name="folder">A model's folder in the Hugging Face layout.</param>
    /// <returns>The path of the first of <see cref="FileNames"/> that is there.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">It holds none of <see cref="FileNames"/>.</exception>
    public static string Find(string folder)
    {
        Check.NotBlank(folder);
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException(
                $"{folder}: there is no such folder; wanted a model's folder. Check the path.");
        }

        var found = FileNames.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        return found ?? throw new FileNotFoundException(
            $"{folder}: got no weights; wanted {string.Join(" or ", FileNames)}. {Remedy(folder)}",
            Path.Combine(folder, FileNames[0]));
    }

    /// <summary>Opens one file of weights, or an index of several, by its name.</summary>
    /// <param name="path">A <c>.safetensors</c>, <c>.bin</c> or <c>.index.json</c> file.</param>
    /// <returns>The source; the caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">There is no such file, or not all shards.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or a pointer of Git LFS.</exception>
    public static TensorSource OpenFile(string path)
    {
        Check.NotBlank(path);
        CheckNoPointer(path);
        return path switch
        {
            _ when path.EndsWith(".index.json", StringComparison.Ordinal) => ShardedCheckpoint.Open(path),
            _ when path.EndsWith(".safetensors", StringComparison.Ordinal) => SafeTensorsSource.Open(path),
            _ when path.EndsWith(".bin", StringComparison.Ordinal) => PytorchCheckpoint.Open(path),
            _ => throw new ArgumentException(
                $"path: got '{path}'; wanted a file named *.safetensors, *.bin or *.index.json.", nameof(path)),
        };
    }

    private static string Remedy(string folder)
    {
        var names = Directory.EnumerateFiles(folder).Select(Path.GetFileName).OfType<string>().Order().ToArray();
        if (names.Any(name => name.StartsWith("adapter_model.", StringComparison.Ordinal)))
        {
            return "This is the folder of an adapter: name the model it was trained on, and the adapter beside it.";
        }

        string[] others = [".h5", ".msgpack", ".onnx", ".gguf", ".ckpt", ".pt", ".pth", ".tflite", ".ot"];
        var other = names.FirstOrDefault(name => others.Contains(Path.GetExtension(name), StringComparer.Ordinal));
        return other is not null
            ? $"'{other}' cannot be read: convert the model to model.safetensors with the library it comes from."
            : $"Files here: {(names.Length == 0 ? "none" : string.Join(", ", names.Take(12)))}. " +
              "Fetch the weights into the folder, or name another folder.";
    }

    // A repository cloned without Git LFS holds small texts in place of its large files.
    private static void CheckNoPointer(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        Span<byte> start = stackalloc byte[LfsPointer.Length];
        using var stream = File.OpenRead(path);
        var length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (start[..length].SequenceEqual(LfsPointer))
        {
            throw new InvalidDataException(
                $"{path}: got a pointer of Git LFS; wanted the file it stands for. Run 'git lfs pull' in the folder.");
        }
    }
}
