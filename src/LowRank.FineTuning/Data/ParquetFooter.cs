using System.Buffers.Binary;

namespace LowRank.FineTuning.Data;

/// <summary>Walks the description at the end of a Parquet file, a value of Thrift's compact protocol.</summary>
/// <remarks>Parquet.Net 6.1 reads on without end where a damaged description does not stop; this refuses it first.
/// </remarks>
internal ref struct ParquetFooter
{
    private const int TailLength = 8;
    private const int DeepestNesting = 16;

    private readonly ReadOnlySpan<byte> _bytes;
    private int _at;

    private ParquetFooter(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
    }

    // The types of the compact protocol that need a name.
    private enum Kind
    {
        Stop = 0,
        True = 1,
        False = 2,
        Byte = 3,
        Int16 = 4,
        Int32 = 5,
        Int64 = 6,
        Double = 7,
        Binary = 8,
        List = 9,
        Set = 10,
        Map = 11,
        Struct = 12,
    }

    /// <summary>Throws unless the file ends as a Parquet file does.</summary>
    /// <exception cref="InvalidDataException">The end is damaged, or the file is of another kind.</exception>
    public static void Check(Stream file)
    {
        Span<byte> tail = stackalloc byte[TailLength];
        if (file.Length < TailLength + 4)
        {
            throw new InvalidDataException($"{file.Length} bytes are too few.");
        }

        file.Seek(-TailLength, SeekOrigin.End);
        file.ReadExactly(tail);
        var length = BinaryPrimitives.ReadInt32LittleEndian(tail);
        if (!tail[4..].SequenceEqual("PAR1"u8) || length <= 0 || length > file.Length - TailLength - 4)
        {
            throw new InvalidDataException("It does not end in a description and PAR1.");
        }

        var footer = new byte[length];
        file.Seek(-TailLength - length, SeekOrigin.End);
        file.ReadExactly(footer);
        file.Seek(0, SeekOrigin.Begin);
        var walk = new ParquetFooter(footer);
        walk.SkipStruct(0);
        if (walk._at != length)
        {
            throw new InvalidDataException($"Its description ends after {walk._at} of {length} bytes.");
        }
    }

    private void SkipStruct(int depth)
    {
        while (Next() is var header and not 0)
        {
            if (header >> 4 == 0)
            {
                _ = Number(); // A field number too far from the one before.
            }

            Skip((Kind)(header & 15), depth + 1);
        }
    }

    private void Skip(Kind kind, int depth)
    {
        if (depth > DeepestNesting)
        {
            throw new InvalidDataException("Its description is nested too deeply.");
        }

        switch (kind)
        {
            case Kind.True or Kind.False:
                break;
            case Kind.Byte:
                Advance(1);
                break;
            case Kind.Int16 or Kind.Int32 or Kind.Int64:
                _ = Number();
                break;
            case Kind.Double:
                Advance(8);
                break;
            case Kind.Binary:
                Advance(Number());
                break;
            case Kind.List or Kind.Set:
                SkipList(depth);
                break;
            case Kind.Map:
                SkipMap(depth);
                break;
            case Kind.Struct:
                SkipStruct(depth);
                break;
            default:
                throw new InvalidDataException($"Its description has a value of the unknown type {(int)kind}.");
        }
    }

    private void SkipList(int depth)
    {
        var header = Next();
        var count = header >> 4 == 15 ? Number() : (ulong)(header >> 4);
        SkipItems(count, (Kind)(header & 15), depth);
    }

    private void SkipMap(int depth)
    {
        var count = Number();
        if (count > 0)
        {
            var kinds = Next();
            for (var item = 0UL; item < count; item++)
            {
                SkipItems(1, (Kind)(kinds >> 4), depth);
                SkipItems(1, (Kind)(kinds & 15), depth);
            }
        }
    }

    // Inside a list a truth value takes a byte; every item takes at least one, so a great count ends with the bytes.
    private void SkipItems(ulong count, Kind kind, int depth)
    {
        for (var item = 0UL; item < count; item++)
        {
            Skip(kind is Kind.True or Kind.False ? Kind.Byte : kind, depth + 1);
        }
    }

    private ulong Number()
    {
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var part = Next();
            value |= (ulong)(part & 127) << shift;
            if (part < 128)
            {
                return value;
            }
        }

        throw new InvalidDataException("Its description has a number without an end.");
    }

    private byte Next()
    {
        var at = _at;
        Advance(1);
        return _bytes[at];
    }

    private void Advance(ulong count)
    {
        if (count > (ulong)(_bytes.Length - _at))
        {
            throw new InvalidDataException("Its description breaks off.");
        }

        _at += (int)count;
    }
}
