namespace LowRank.Tensors;

/// <summary>The number formats of tensor files, in the order in which safetensors files sort them.</summary>
public enum TensorDtype
{
    /// <summary>One byte, 0 or 1; <see cref="bool"/>.</summary>
    Bool,

    /// <summary>Unsigned 8-bit integer; <see cref="byte"/>.</summary>
    U8,

    /// <summary>Signed 8-bit integer; <see cref="sbyte"/>.</summary>
    I8,

    /// <summary>Signed 16-bit integer; <see cref="short"/>.</summary>
    I16,

    /// <summary>IEEE half precision, 16 bits; <see cref="Half"/>.</summary>
    F16,

    /// <summary>Brain float: the upper half of a <see cref="float"/>, read as <see cref="ushort"/> bits.</summary>
    BF16,

    /// <summary>Signed 32-bit integer; <see cref="int"/>.</summary>
    I32,

    /// <summary>IEEE single precision; <see cref="float"/>.</summary>
    F32,

    /// <summary>IEEE double precision; <see cref="double"/>.</summary>
    F64,

    /// <summary>Signed 64-bit integer; <see cref="long"/>.</summary>
    I64,
}
