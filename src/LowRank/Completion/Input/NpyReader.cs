using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace LowRank.Completion.Input;

/// <summary>Reads NumPy array files of two dimensions, any number type, either order of storage.</summary>
internal static partial class NpyReader
{
    private const string Remedy = "save a matrix of numbers with numpy.save";
    private const long LargestExact = 1L << 53;

    private delegate double Decode(ReadOnlySpan<byte> bytes);

    public static readonly byte[] Magic = [0x93, .. "NUMPY"u8];

    /// <summary>Reads the matrix; NaN is missing.</summary>
    public static ObservedMatrix Read(InputSource source, RatingsOptions options, CancellationToken cancellation)
    {
        var header = ReadHeader(source);
        var type = Field(source.Name, header, TypePattern());
        var byColumns = Field(source.Name, header, OrderPattern()) == "True";
        var (rows, columns) = ReadShape(source.Name, Field(source.Name, header, ShapePattern()));
        var (size, decode) = DecoderOf(source.Name, type);
        var (outer, inner) = byColumns ? (columns, rows) : (rows, columns);
        var entries = new EntryList(source.Name, options);

        // A part of a line at a time: the header alone must not make us reserve memory.
        var buffer = new byte[size * Math.Min(inner, 1 << 16)];
        for (var o = 0; o < outer; o++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var from = 0; from < inner;)
            {
                var count = Math.Min(inner - from, buffer.Length / size);
                Fill(source, buffer.AsSpan(0, count * size), rows, columns);
                for (var i = 0; i < count; i++, from++)
                {
                    var value = decode(buffer.AsSpan(i * size, size));
                    entries.Add(byColumns ? from : o, byColumns ? o : from, value);
                }
            }
        }

        return source.Read(buffer.AsSpan(0, 1)) == 0
            ? entries.ToMatrix(rows, columns)
            : throw InputFault.Of(source.Name, "more data than its header says", $"{rows} x {columns} numbers", Remedy);
    }

    private static void Fill(InputSource source, Span<byte> bytes, int rows, int columns)
    {
        while (bytes.Length > 0)
        {
            var got = source.Read(bytes);
            if (got == 0)
            {
                throw InputFault.Of(
                    source.Name,
                    "less data than its header says",
                    $"{rows} x {columns} numbers",
                    "fetch the file again");
            }

            bytes = bytes[got..];
        }
    }

    // Magic, version, length of the header (two bytes, or four from version 2 on), a Python dictionary as text.
    private static string ReadHeader(InputSource source)
    {
        var start = source.Peek(out _);
        var wide = start.Length > 6 && start[6] > 1;
        var length = start.Length < 12 || !start.StartsWith(Magic) || start[6] > 3 ? -1
            : wide ? BinaryPrimitives.ReadInt32LittleEndian(start[8..])
            : BinaryPrimitives.ReadUInt16LittleEndian(start[8..]);
        var from = wide ? 12 : 10;
        if (length < 0 || length > start.Length - from)
        {
            throw InputFault.Of(source.Name, "a damaged NPY header", "a NumPy array file", Remedy);
        }

        var header = Encoding.Latin1.GetString(start.Slice(from, length));
        source.Read(new byte[from + length]);
        return header;
    }

    private static string Field(string file, string header, Regex pattern)
    {
        var match = pattern.Match(header);
        return match.Success ? match.Groups[1].Value : throw InputFault.Of(
            file,
            $"the NPY header {InputFault.Quote(header.Trim())}",
            "a plain number type, an order and a shape",
            Remedy);
    }

    private static (int Rows, int Columns) ReadShape(string file, string shape)
    {
        var sizes = shape.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var rows = 0;
        var columns = 0;
        var good = sizes.Length == 2
            && int.TryParse(sizes[0], NumberStyles.None, CultureInfo.InvariantCulture, out rows)
            && int.TryParse(sizes[1], NumberStyles.None, CultureInfo.InvariantCulture, out columns);
        return good && rows > 0 && columns > 0 ? (rows, columns) : throw InputFault.Of(
            file, $"an array of shape ({shape})", "two dimensions of at least 1", Remedy);
    }

    private static (int Size, Decode Decode) DecoderOf(string file, string type)
    {
        // '<' and '|' are little-endian here; '=' is what the writing machine was, nearly always the same.
        var kind = type.TrimStart('<', '>', '=', '|');
        var (size, decode) = kind switch
        {
            "f2" => (2, b => (double)BinaryPrimitives.ReadHalfLittleEndian(b)),
            "f4" => (4, b => BinaryPrimitives.ReadSingleLittleEndian(b)),
            "f8" => (8, b => BinaryPrimitives.ReadDoubleLittleEndian(b)),
            "i1" => (1, b => (sbyte)b[0]),
            "u1" or "b1" => (1, b => b[0]),
            "i2" => (2, b => BinaryPrimitives.ReadInt16LittleEndian(b)),
            "u2" => (2, b => BinaryPrimitives.ReadUInt16LittleEndian(b)),
            "i4" => (4, b => BinaryPrimitives.ReadInt32LittleEndian(b)),
            "u4" => (4, b => BinaryPrimitives.ReadUInt32LittleEndian(b)),
            "i8" => (8, b => Exact(file, BinaryPrimitives.ReadInt64LittleEndian(b))),
            "u8" => (8, b => Exact(file, BinaryPrimitives.ReadUInt64LittleEndian(b))),
            _ => (0, (Decode)(_ => 0)),
        };
        if (size == 0)
        {
            throw InputFault.Of(
                file, $"numbers of the type {InputFault.Quote(type)}", "f2, f4, f8, i1 to i8, u1 to u8 or b1", Remedy);
        }

        return type[0] == '>' ? (size, b => decode(Reversed(b))) : (size, decode);
    }

    private static double Exact(string file, Int128 number) =>
        Int128.Abs(number) <= LargestExact ? (double)number : throw InputFault.Of(
            file,
            $"the whole number {number}",
            $"at most {LargestExact} in size, the largest exact one",
            "save it as f8");

    private static byte[] Reversed(ReadOnlySpan<byte> bytes)
    {
        var reversed = bytes.ToArray();
        Array.Reverse(reversed);
        return reversed;
    }

    [GeneratedRegex(@"'descr':\s*'([<>=|]?\w+)'")]
    private static partial Regex TypePattern();

    [GeneratedRegex(@"'fortran_order':\s*(True|False)")]
    private static partial Regex OrderPattern();

    [GeneratedRegex(@"'shape':\s*\(([^)]*)\)")]
    private static partial Regex ShapePattern();
}
