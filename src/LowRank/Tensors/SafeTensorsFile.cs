using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using static TorchSharp.torch;

namespace LowRank.Tensors;

/// <summary>A safetensors file open for reading: its header in memory, its numbers mapped, read on demand.</summary>
/// <remarks>
/// Needs no native torch library except in <see cref="ReadTensor"/>. Reads may run on many threads at once; dispose
/// only when none is under way, and do not change the file while it is open. Numbers are little-endian in the file.
/// </remarks>
public sealed unsafe class SafeTensorsFile : IDisposable
{
    private const int LengthBytes = 8;
    private const int ChunkBytes = 1 << 30;
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly Dictionary<string, TensorEntry> _byName;
    private readonly byte* _data;
    private bool _disposed;

    private SafeTensorsFile(string path, MemoryMappedFile map, long fileLength)
    {
        Path = path;
        _map = map;
        _view = map.CreateViewAccessor(0, fileLength, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            start += _view.PointerOffset;
            var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(new(start, LengthBytes));
            CheckHeaderLength(headerLength, fileLength);
            var json = new ReadOnlySpan<byte>(start + LengthBytes, (int)headerLength);
            var header = SafeTensorsHeader.Parse(json, fileLength - LengthBytes - (long)headerLength, path);
            Entries = header.Entries;
            Metadata = header.Metadata;
            _byName = header.Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
            _data = start + LengthBytes + headerLength;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>All tensors, in the order of their data.</summary>
    public IReadOnlyList<TensorEntry> Entries { get; }

    /// <summary>The free text pairs of the file; empty when it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its whole header.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The open file; the caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">No valid safetensors file; the message says where.</exception>
    public static SafeTensorsFile Open(string path)
    {
        Check.NotBlank(path);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"{path}: there is no such file; wanted a safetensors file. Check the path.", path);
        }

        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1);
        try
        {
            var length = stream.Length;
            if (length < LengthBytes)
            {
                throw new InvalidDataException(
                    $"{path}: the header: got a file of {length} bytes; wanted at least {LengthBytes}. " +
                    "The file is cut short: fetch or write it again.");
            }

            var map = MemoryMappedFile.CreateFromFile(
                stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            return new(path, map, length);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Whether the file holds a tensor of this name.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <returns>True when it does.</returns>
    public bool Contains(string name) => _byName.ContainsKey(Check.NotNull(name));

    /// <summary>Finds a tensor's description.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <returns>The entry.</returns>
    /// <exception cref="InvalidDataException">The file holds no such tensor.</exception>
    public TensorEntry Entry(string name)
    {
        if (_byName.TryGetValue(Check.NotNull(name), out var entry))
        {
            return entry;
        }

        const int Shown = 8;
        var names = string.Join(", ", Entries.Take(Shown).Select(other => $"'{other.Name}'"));
        throw new InvalidDataException(
            $"{Path}: tensor '{name}': got no such tensor; wanted one of the {Entries.Count} here: " +
            $"{names}{(Entries.Count > Shown ? ", ..." : "")}.");
    }

    /// <summary>The bytes of a tensor as they lie in the file, without a copy.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <returns>Row-major, little-endian elements; valid until this file is disposed; perhaps not aligned.</returns>
    /// <exception cref="InvalidDataException">
    /// No such tensor, or more than 2^31 - 1 bytes: use <see cref="CopyTo"/>.
    /// </exception>
    public ReadOnlySpan<byte> Bytes(string name)
    {
        var entry = Entry(name);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return entry.ByteLength <= int.MaxValue
            ? new(_data + entry.Offset, (int)entry.ByteLength)
            : throw new InvalidDataException(
                $"{Path}: tensor '{name}': got {entry.ByteLength} bytes; wanted at most {int.MaxValue} in one span. " +
                "Read it in parts with CopyTo.");
    }

    /// <summary>Copies a part of a tensor's bytes.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="start">First byte to copy, counted from the tensor's own start.</param>
    /// <param name="target">Filled completely.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part reaches beyond the tensor.</exception>
    public void CopyTo(string name, long start, Span<byte> target)
    {
        var entry = Entry(name);
        Check.InRange(start, 0, entry.ByteLength);
        Check.InRange(target.Length, 0L, entry.ByteLength - start, nameof(target));
        ObjectDisposedException.ThrowIf(_disposed, this);
        new ReadOnlySpan<byte>(_data + entry.Offset + start, target.Length).CopyTo(target);
    }

    /// <summary>Reads all elements of a tensor, row by row.</summary>
    /// <typeparam name="T">
    /// The .NET type of the tensor's own dtype (see <see cref="TensorDtype"/>); nothing is converted. BF16 comes as
    /// <see cref="ushort"/> bit patterns.
    /// </typeparam>
    /// <param name="name">The tensor's name.</param>
    /// <returns>A new array.</returns>
    /// <exception cref="InvalidDataException">No such tensor, another dtype, or too many for an array.</exception>
    public T[] Read<T>(string name)
        where T : unmanaged
    {
        var entry = Entry(name);
        var dtype = TensorDtypes.OfClrType(typeof(T));
        if (entry.Dtype != dtype)
        {
            throw new InvalidDataException(
                $"{Path}: tensor '{name}': got {entry.Dtype.FileName()}; wanted {dtype.FileName()}. " +
                $"Read it as {TensorDtypes.ClrType(entry.Dtype).Name}.");
        }

        if (entry.Count > Array.MaxLength)
        {
            throw new InvalidDataException(
                $"{Path}: tensor '{name}': got {entry.Count} elements; wanted at most {Array.MaxLength} in an array. " +
                "Read it in parts with CopyTo.");
        }

        ObjectDisposedException.ThrowIf(_disposed, this);
        CheckBooleans(entry);
        var values = GC.AllocateUninitializedArray<T>((int)entry.Count);
        fixed (T* target = values)
        {
            Buffer.MemoryCopy(_data + entry.Offset, target, entry.ByteLength, entry.ByteLength);
        }

        return values;
    }

    /// <summary>Reads a real-valued tensor as single precision, converting where the file has another.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <returns>A new array, row by row; F64 values are rounded.</returns>
    /// <exception cref="InvalidDataException">No such tensor, or not F16, BF16, F32 or F64.</exception>
    public float[] ReadSingles(string name) => Entry(name).Dtype switch
    {
        TensorDtype.F32 => Read<float>(name),
        TensorDtype.F64 => Array.ConvertAll(Read<double>(name), value => (float)value),
        TensorDtype.F16 => Array.ConvertAll(Read<Half>(name), value => (float)value),
        TensorDtype.BF16 =>
            Array.ConvertAll(Read<ushort>(name), bits => BitConverter.UInt32BitsToSingle((uint)bits << 16)),
        var other => throw new InvalidDataException(
            $"{Path}: tensor '{name}': got {other.FileName()}; wanted real numbers (F16, BF16, F32 or F64)."),
    };

    /// <summary>Reads a tensor into torch, in its own dtype, on the CPU.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <returns>A new tensor of the entry's shape; the caller (or the current dispose scope) owns it.</returns>
    /// <exception cref="InvalidDataException">The file holds no such tensor.</exception>
    public Tensor ReadTensor(string name)
    {
        var entry = Entry(name);
        ObjectDisposedException.ThrowIf(_disposed, this);
        CheckBooleans(entry);
        var tensor = empty([.. entry.Shape], entry.Dtype.ToScalarType());
        TensorBytes.Fill(tensor, (start, target) => CopyTo(name, start, target), ChunkBytes);
        return tensor;
    }

    /// <summary>Unmaps and closes the file; spans from <see cref="Bytes"/> become invalid.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _map.Dispose();
        }
    }

    // A byte other than 0 and 1 in a .NET or torch boolean is undefined behaviour: it never gets that far.
    private void CheckBooleans(TensorEntry entry)
    {
        if (entry.Dtype != TensorDtype.Bool)
        {
            return;
        }

        for (var i = 0L; i < entry.ByteLength; i++)
        {
            if (_data[entry.Offset + i] > 1)
            {
                throw new InvalidDataException(
                    $"{Path}: tensor '{entry.Name}': got {_data[entry.Offset + i]} as element {i}; " +
                    "wanted 0 or 1 in BOOL. The file is damaged: fetch or write it again.");
            }
        }
    }

    private void CheckHeaderLength(ulong headerLength, long fileLength)
    {
        var most = Math.Min(SafeTensorsHeader.MaxBytes, fileLength - LengthBytes);
        if (headerLength > (ulong)most)
        {
            throw new InvalidDataException(
                $"{Path}: the header: got a length of {headerLength} bytes; wanted at most {most} " +
                $"in a file of {fileLength}. The file is cut short or no safetensors file: fetch or write it again.");
        }
    }
}
