using System.Globalization;

namespace LowRank.Tensors;

/// <summary>One tensor of a file as its header describes it; the numbers stay in the file.</summary>
/// <param name="Name">The tensor's name, unique in the file.</param>
/// <param name="Dtype">Number format.</param>
/// <param name="Shape">Length of each dimension, none negative; empty for a scalar.</param>
/// <param name="Offset">Where the first byte lies, counted from the start of the file's data section.</param>
public sealed record TensorEntry(string Name, TensorDtype Dtype, IReadOnlyList<long> Shape, long Offset)
{
    /// <summary>Number of elements; 1 for a scalar, 0 when a dimension is empty.</summary>
    public long Count => (long)CountOf(Shape);

    /// <summary>Number of bytes the elements take.</summary>
    public long ByteLength => Count * Dtype.ByteSize();

    /// <summary>The shape as text, for messages and tables.</summary>
    public string ShapeText => Describe(Shape);

    // The number of elements, or 2^63 - 1 when it is larger than any number of elements can be.
    internal static Int128 CountOf(IEnumerable<long> shape) =>
        shape.Aggregate((Int128)1, (product, length) => Int128.Min(product * length, long.MaxValue));

    /// <summary>A shape as text, for messages and tables.</summary>
    /// <param name="shape">Length of each dimension.</param>
    /// <returns>Such as <c>[2, 3]</c>.</returns>
    public static string Describe(IEnumerable<long> shape) =>
        $"[{string.Join(", ", shape.Select(length => length.ToString(CultureInfo.InvariantCulture)))}]";
}
