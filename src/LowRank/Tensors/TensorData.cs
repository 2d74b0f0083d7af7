using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace LowRank.Tensors;

/// <summary>A named tensor on its way into a file.</summary>
public sealed class TensorData
{
    private const int ChunkElements = 1 << 24;
    private const int ChunkBytes = 1 << 27;
    private readonly Action<Stream> _write;

    private TensorData(string name, TensorDtype dtype, long[] shape, Action<Stream> write)
    {
        Name = Check.NotNull(name);
        Dtype = dtype;
        Shape = shape;
        _write = write;
    }

    /// <summary>The tensor's name.</summary>
    public string Name { get; }

    /// <summary>Number format.</summary>
    public TensorDtype Dtype { get; }

    /// <summary>Length of each dimension; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>A tensor of plain numbers; needs no native torch library.</summary>
    /// <typeparam name="T">
    /// bool, byte, sbyte, short, Half, int, float, double or long; <see cref="ushort"/> stands for BF16 bit patterns.
    /// </typeparam>
    /// <param name="name">The tensor's name.</param>
    /// <param name="values">Elements row by row; read when the file is written, so do not change them before.</param>
    /// <param name="shape">Length of each dimension; none for a scalar.</param>
    /// <returns>The tensor.</returns>
    /// <exception cref="ArgumentException">The shape holds another number of values, or T is another type.</exception>
    public static TensorData Of<T>(string name, ReadOnlyMemory<T> values, params long[] shape)
        where T : unmanaged
    {
        var dtype = TensorDtypes.OfClrType(typeof(T));
        var entry = new TensorEntry(name, dtype, [.. Check.NotNull(shape)], 0);
        Check.That(
            shape.All(length => length >= 0) && entry.Count == values.Length,
            nameof(shape),
            $"tensor '{name}': got {values.Length} values; wanted as many as the shape {entry.ShapeText} holds.");
        return new(name, dtype, [.. shape], stream =>
        {
            for (var start = 0; start < values.Length; start += ChunkElements)
            {
                var part = values.Span.Slice(start, Math.Min(ChunkElements, values.Length - start));
                stream.Write(MemoryMarshal.AsBytes(part));
            }
        });
    }

    /// <summary>A tensor of plain numbers; see <see cref="Of{T}(string, ReadOnlyMemory{T}, long[])"/>.</summary>
    /// <typeparam name="T">As there.</typeparam>
    /// <param name="name">The tensor's name.</param>
    /// <param name="values">Elements row by row.</param>
    /// <param name="shape">Length of each dimension; none for a scalar.</param>
    /// <returns>The tensor.</returns>
    public static TensorData Of<T>(string name, T[] values, params long[] shape)
        where T : unmanaged => Of(name, new ReadOnlyMemory<T>(Check.NotNull(values)), shape);

    /// <summary>A torch tensor on any device and with any strides; it stays the caller's.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="tensor">Read when the file is written, so do not change or dispose it before.</param>
    /// <returns>The tensor.</returns>
    /// <exception cref="ArgumentException">Its dtype has no place in files, such as complex numbers.</exception>
    public static TensorData Of(string name, Tensor tensor) => Of(name, tensor, Check.NotNull(tensor).dtype.ToDtype());

    /// <summary>A torch tensor whose numbers are converted on the way; it stays the caller's.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="tensor">Read when the file is written, so do not change or dispose it before.</param>
    /// <param name="dtype">The number format in the file.</param>
    /// <returns>The tensor.</returns>
    public static TensorData Of(string name, Tensor tensor, TensorDtype dtype) =>
        new(name, dtype, Check.NotNull(tensor).shape, stream =>
        {
            using var scope = NewDisposeScope();
            var numbers = tensor.detach().cpu().to(dtype.ToScalarType()).contiguous();
            TensorBytes.Fill(numbers, (_, bytes) => stream.Write(bytes), ChunkBytes);
        });

    internal void WriteTo(Stream stream) => _write(stream);
}
