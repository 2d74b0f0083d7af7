using System.IO.Compression;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Transformers.Weights;

/// <summary>The tensors of a <c>pytorch_model.bin</c>: a zip of one pickle and one file per storage.</summary>
/// <remarks>
/// Reads state dictionaries safely: nothing in the file is executed, and a pickle that names anything but tensors and
/// containers is refused. Strided views become contiguous; shared storages are read once per tensor.
/// </remarks>
public sealed class PytorchCheckpoint : TensorSource
{
    private const int ChunkBytes = 1 << 26;
    private const long MaxPickleBytes = 100_000_000;

    private readonly ZipArchive _zip;
    private readonly string _root;
    private readonly Dictionary<string, ZipArchiveEntry> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PickledValue.Tensor> _tensors = new(StringComparer.Ordinal);
    private readonly List<TensorEntry> _entries = [];

    private PytorchCheckpoint(string path, ZipArchive zip)
    {
        Path = path;
        _zip = zip;
        foreach (var file in zip.Entries)
        {
            _files[file.FullName] = file;
        }

        var pickle = FindPickle();
        _root = pickle.FullName[..^"data.pkl".Length];
        CheckByteOrder();
        foreach (var (name, tensor) in ReadNames(pickle))
        {
            CheckStorage(name, tensor.Block);
            _tensors.Add(name, tensor);
            _entries.Add(new(name, tensor.Block.Dtype, tensor.Shape, tensor.Offset * tensor.Block.Dtype.ByteSize()));
        }
    }

    /// <inheritdoc/>
    public override string Path { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<TensorEntry> Entries => _entries;

    /// <summary>Opens a file, reads its pickle and checks every tensor against its storage.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The source; the caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// Damaged, of the form before torch 1.6, or holding more than tensors; the message says which.
    /// </exception>
    public static PytorchCheckpoint Open(string path)
    {
        Check.NotBlank(path);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"{path}: there is no such file; wanted a PyTorch checkpoint. Check the path.", path);
        }

        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        ZipArchive? zip = null;
        try
        {
            CheckFormat(path, stream);
            zip = new ZipArchive(stream, ZipArchiveMode.Read);
            return new(path, zip);
        }
        catch (InvalidDataException e) when (!e.Message.StartsWith(path, StringComparison.Ordinal))
        {
            Close(zip, stream);
            throw new InvalidDataException(
                $"{path}: got a damaged zip ({e.Message}); wanted a whole one. Fetch or save it again.", e);
        }
        catch
        {
            Close(zip, stream);
            throw;
        }
    }

    /// <inheritdoc/>
    public override Tensor Read(string name)
    {
        if (!_tensors.TryGetValue(Check.NotNull(name), out var tensor))
        {
            throw new InvalidDataException(
                $"{Path}: tensor '{name}': got no such tensor; wanted one of the {_entries.Count} here.");
        }

        using var scope = NewDisposeScope();
        if (tensor.Shape.Contains(0))
        {
            return empty(tensor.Shape, tensor.Block.Dtype.ToScalarType()).MoveToOuterDisposeScope();
        }

        var extent = 1 + tensor.Shape.Zip(tensor.Strides, (length, stride) => (length - 1) * stride).Sum();
        var flat = empty(extent, tensor.Block.Dtype.ToScalarType());
        ReadStorage(name, tensor, flat);
        return flat.as_strided(tensor.Shape, tensor.Strides).contiguous().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override void Close() => _zip.Dispose();

    // The number with which torch.save began its files before version 1.6.
    private static ReadOnlySpan<byte> LegacyMagic =>
        [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    private static void Close(ZipArchive? zip, FileStream stream)
    {
        zip?.Dispose();
        stream.Dispose();
    }

    private static void CheckFormat(string path, FileStream stream)
    {
        Span<byte> start = stackalloc byte[2 + LegacyMagic.Length];
        var length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        if (length > 1 && start[0] == 'P' && start[1] == 'K')
        {
            return;
        }

        throw new InvalidDataException(
            start[..length].EndsWith(LegacyMagic)
                ? $"{path}: got the checkpoint format of torch before 1.6; wanted its successor, a zip. " +
                  "In Python: torch.save(torch.load(file, weights_only=True), file), or save it as model.safetensors."
                : $"{path}: got a file that is no zip; wanted a PyTorch checkpoint. Fetch or save it again.");
    }

    private ZipArchiveEntry FindPickle()
    {
        var pickles = _files.Values
            .Where(file => file.Name == "data.pkl" && file.FullName.Count(c => c == '/') == 1).ToArray();
        var scripted = _files.Keys.Any(name => name.EndsWith("/constants.pkl", StringComparison.Ordinal));
        if (pickles.Length != 1 || scripted)
        {
            throw new InvalidDataException(
                $"{Path}: got {(scripted ? "a TorchScript program" : $"a zip with {pickles.Length} files data.pkl")}" +
                "; wanted a state_dict written by torch.save. Save the model's state_dict, best as model.safetensors.");
        }

        return pickles[0];
    }

    private void CheckByteOrder()
    {
        if (_files.TryGetValue($"{_root}byteorder", out var file))
        {
            using var reader = new StreamReader(file.Open());
            var order = reader.ReadLine();
            if (order != "little")
            {
                throw new InvalidDataException(
                    $"{Path}: got numbers in the byte order '{order}'; wanted 'little'. Save it on another machine.");
            }
        }
    }

    private IEnumerable<(string Name, PickledValue.Tensor Tensor)> ReadNames(ZipArchiveEntry pickle)
    {
        var where = $"{Path}: {pickle.FullName}";
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (PickleReader.Read(ReadPickle(pickle), where) is not PickledValue.Table table)
        {
            throw PickledGlobals.Refuse(where, "another value than a dictionary", "a state_dict: names and tensors");
        }

        foreach (var (key, value) in table.Items)
        {
            if (key is not PickledValue.Text name)
            {
                throw PickledGlobals.Refuse(where, $"a {key.Kind} as a name", "texts");
            }

            if (value is not PickledValue.Tensor tensor)
            {
                throw new InvalidDataException(
                    $"{where}: got a {value.Kind} under '{name.Value}'; wanted tensors only. If this is a training " +
                    "checkpoint, save its state_dict alone, best as model.safetensors.");
            }

            if (!names.Add(name.Value))
            {
                throw PickledGlobals.Refuse(where, $"the name '{name.Value}' twice", "distinct names");
            }

            yield return (name.Value, tensor);
        }
    }

    private byte[] ReadPickle(ZipArchiveEntry pickle)
    {
        if (pickle.Length > MaxPickleBytes)
        {
            throw PickledGlobals.Refuse(
                $"{Path}: {pickle.FullName}", $"{pickle.Length} bytes", $"at most {MaxPickleBytes}");
        }

        var bytes = new byte[pickle.Length];
        using var stream = pickle.Open();
        ReadExactly(stream, bytes, pickle.FullName);
        return bytes;
    }

    private void CheckStorage(string name, PickledValue.Storage storage)
    {
        var file = $"{_root}data/{storage.Key}";
        var wanted = (Int128)storage.Count * storage.Dtype.ByteSize();
        if (!_files.TryGetValue(file, out var entry) || entry.Length != wanted)
        {
            throw PickledGlobals.Refuse(
                $"{Path}: tensor '{name}'",
                entry is null ? $"no file '{file}' in the zip" : $"{entry.Length} bytes in '{file}'",
                $"{wanted}, as {storage.Count} elements of {storage.Dtype.FileName()} take");
        }
    }

    private void ReadStorage(string name, PickledValue.Tensor tensor, Tensor flat)
    {
        var file = _files[$"{_root}data/{tensor.Block.Key}"];
        using var stream = file.Open();
        Skip(stream, tensor.Offset * tensor.Block.Dtype.ByteSize(), file.FullName);
        TensorBytes.Fill(
            flat,
            (_, bytes) =>
            {
                ReadExactly(stream, bytes, file.FullName);
                if (tensor.Block.Dtype == TensorDtype.Bool && bytes.ContainsAnyExcept((byte)0, (byte)1))
                {
                    throw PickledGlobals.Refuse($"{Path}: tensor '{name}'", "bytes other than 0 and 1", "truth values");
                }
            },
            ChunkBytes);
    }

    private void Skip(Stream stream, long count, string file)
    {
        var buffer = new byte[(int)Math.Min(count, 1 << 16)];
        while (count > 0)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(count, buffer.Length));
            ReadExactly(stream, part, file);
            count -= part.Length;
        }
    }

    private void ReadExactly(Stream stream, Span<byte> target, string file)
    {
        try
        {
            stream.ReadExactly(target);
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            throw new InvalidDataException(
                $"{Path}: got a damaged file '{file}' in the zip ({e.Message}); wanted a whole one. Fetch or save it " +
                "again.",
                e);
        }
    }
}
