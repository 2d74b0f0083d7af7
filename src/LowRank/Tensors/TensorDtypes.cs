using static TorchSharp.torch;

namespace LowRank.Tensors;

/// <summary>What is known of each <see cref="TensorDtype"/>: size, name in files, .NET and torch type.</summary>
public static class TensorDtypes
{
    /// <summary>Bytes one element takes.</summary>
    /// <param name="dtype">The number format.</param>
    /// <returns>1, 2, 4 or 8.</returns>
    public static int ByteSize(this TensorDtype dtype) => dtype switch
    {
        TensorDtype.Bool or TensorDtype.U8 or TensorDtype.I8 => 1,
        TensorDtype.I16 or TensorDtype.F16 or TensorDtype.BF16 => 2,
        TensorDtype.I32 or TensorDtype.F32 => 4,
        TensorDtype.F64 or TensorDtype.I64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), $"dtype: got {dtype}; wanted a named value."),
    };

    /// <summary>Whether the format holds real numbers.</summary>
    /// <param name="dtype">The number format.</param>
    /// <returns>True for F16, BF16, F32 and F64.</returns>
    public static bool IsFloatingPoint(this TensorDtype dtype) =>
        dtype is TensorDtype.F16 or TensorDtype.BF16 or TensorDtype.F32 or TensorDtype.F64;

    /// <summary>The format's name in a safetensors header.</summary>
    /// <param name="dtype">The number format.</param>
    /// <returns>Such as <c>F32</c> or <c>BOOL</c>.</returns>
    public static string FileName(this TensorDtype dtype) => dtype == TensorDtype.Bool ? "BOOL" : dtype.ToString();

    /// <summary>The torch type of the same numbers.</summary>
    /// <param name="dtype">The number format.</param>
    /// <returns>The scalar type.</returns>
    public static ScalarType ToScalarType(this TensorDtype dtype) => dtype switch
    {
        TensorDtype.Bool => ScalarType.Bool,
        TensorDtype.U8 => ScalarType.Byte,
        TensorDtype.I8 => ScalarType.Int8,
        TensorDtype.I16 => ScalarType.Int16,
        TensorDtype.F16 => ScalarType.Float16,
        TensorDtype.BF16 => ScalarType.BFloat16,
        TensorDtype.I32 => ScalarType.Int32,
        TensorDtype.F32 => ScalarType.Float32,
        TensorDtype.F64 => ScalarType.Float64,
        TensorDtype.I64 => ScalarType.Int64,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), $"dtype: got {dtype}; wanted a named value."),
    };

    /// <summary>The file format of a torch type.</summary>
    /// <param name="type">The scalar type.</param>
    /// <returns>The number format.</returns>
    /// <exception cref="ArgumentException">No file format holds the type, such as complex numbers.</exception>
    public static TensorDtype ToDtype(this ScalarType type) => type switch
    {
        ScalarType.Bool => TensorDtype.Bool,
        ScalarType.Byte => TensorDtype.U8,
        ScalarType.Int8 => TensorDtype.I8,
        ScalarType.Int16 => TensorDtype.I16,
        ScalarType.Float16 => TensorDtype.F16,
        ScalarType.BFloat16 => TensorDtype.BF16,
        ScalarType.Int32 => TensorDtype.I32,
        ScalarType.Float32 => TensorDtype.F32,
        ScalarType.Float64 => TensorDtype.F64,
        ScalarType.Int64 => TensorDtype.I64,
        _ => throw new ArgumentException(
            $"type: got {type}, which tensor files cannot hold; convert the tensor to one of {Known} first.",
            nameof(type)),
    };

    // The names of all formats, for messages.
    internal static string Known { get; } = string.Join(", ", Enum.GetValues<TensorDtype>().Select(FileName));

    internal static bool TryParse(string name, out TensorDtype dtype)
    {
        foreach (var known in Enum.GetValues<TensorDtype>())
        {
            if (known.FileName() == name)
            {
                dtype = known;
                return true;
            }
        }

        dtype = default;
        return false;
    }

    // The .NET type in which arrays of this format are handed out.
    internal static Type ClrType(TensorDtype dtype) => dtype switch
    {
        TensorDtype.Bool => typeof(bool),
        TensorDtype.U8 => typeof(byte),
        TensorDtype.I8 => typeof(sbyte),
        TensorDtype.I16 => typeof(short),
        TensorDtype.F16 => typeof(Half),
        TensorDtype.BF16 => typeof(ushort),
        TensorDtype.I32 => typeof(int),
        TensorDtype.F32 => typeof(float),
        TensorDtype.F64 => typeof(double),
        _ => typeof(long),
    };

    internal static TensorDtype OfClrType(Type type)
    {
        foreach (var known in Enum.GetValues<TensorDtype>())
        {
            if (ClrType(known) == type)
            {
                return known;
            }
        }

        throw new ArgumentException(
            $"T: got {type.Name}; wanted bool, byte, sbyte, short, Half, ushort (bfloat16 bits), int, float, double " +
            "or long.",
            nameof(type));
    }
}
