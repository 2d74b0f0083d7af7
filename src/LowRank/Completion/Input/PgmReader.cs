namespace LowRank.Completion.Input;

/// <summary>Reads portable grey maps: P5 (binary, one or two bytes a pixel) and P2 (text).</summary>
internal static class PgmReader
{
    private const string Wanted = "a PGM image: P2 or P5, width, height, maximum of 1 to 65535, pixels";
    private const string Remedy = "save the image again";

    /// <summary>Whether the bytes start with a whole PGM header, not merely with its two letters.</summary>
    public static bool LooksLikeHeader(ReadOnlySpan<byte> start) => TryHeader(start, out _, out _, out _, out _);

    /// <summary>Reads the image.</summary>
    /// <exception cref="InvalidDataException">
    /// The header is none, or pixels are missing or above the maximum.
    /// </exception>
    public static GreyImage Read(InputSource source)
    {
        var bytes = source.ReadToEnd();
        if (!TryHeader(bytes, out var width, out var height, out var maximum, out var at))
        {
            throw InputFault.Of(source.Name, InputFault.Quote(bytes), Wanted, Remedy);
        }

        var count = (long)width * height;
        var size = bytes[1] == '2' || maximum < 256 ? 1 : 2;
        if (count * size > bytes.Length - at)
        {
            throw InputFault.Of(
                source.Name, $"{bytes.Length - at} bytes of pixels", $"{count} pixels ({width} x {height})", Remedy);
        }

        var pixels = new ushort[count];
        if (bytes[1] == '2')
        {
            ReadText(source.Name, bytes, at, pixels);
        }
        else
        {
            ReadBinary(bytes.AsSpan(at), size, pixels);
        }

        var bad = Array.FindIndex(pixels, p => p > maximum);
        return bad < 0 ? new GreyImage(width, height, pixels) : throw InputFault.Of(
            $"{source.Name}, row {(bad / width) + 1}, column {(bad % width) + 1}",
            $"{pixels[bad]}",
            $"0 to {maximum}",
            Remedy);
    }

    private static void ReadBinary(ReadOnlySpan<byte> bytes, int size, ushort[] pixels)
    {
        for (var k = 0; k < pixels.Length; k++)
        {
            // Two bytes stand the higher one first.
            pixels[k] = size == 1 ? bytes[k] : (ushort)((bytes[2 * k] << 8) | bytes[(2 * k) + 1]);
        }
    }

    private static void ReadText(string file, ReadOnlySpan<byte> bytes, int at, ushort[] pixels)
    {
        for (var k = 0; k < pixels.Length; k++)
        {
            if (!TryNumber(bytes, ref at, out var number) || number > ushort.MaxValue)
            {
                throw InputFault.Of(
                    file,
                    $"{k} pixels and then {InputFault.Quote(bytes[at..])}",
                    $"{pixels.Length} whole numbers",
                    Remedy);
            }

            pixels[k] = (ushort)number;
        }
    }

    // P5 is followed by three numbers with blanks and comments between, and exactly one blank before the pixels.
    private static bool TryHeader(ReadOnlySpan<byte> bytes, out int width, out int height, out int maximum, out int at)
    {
        width = height = maximum = 0;
        at = 2;
        if (bytes.Length < 8 || bytes[0] != 'P' || bytes[1] is not ((byte)'2' or (byte)'5') || !IsBlank(bytes[2])
            || !TryNumber(bytes, ref at, out width)
            || !TryNumber(bytes, ref at, out height)
            || !TryNumber(bytes, ref at, out maximum)
            || at >= bytes.Length || !IsBlank(bytes[at]))
        {
            return false;
        }

        at++;
        return width > 0 && height > 0 && maximum is > 0 and <= ushort.MaxValue
            && (long)width * height <= Array.MaxLength;
    }

    private static bool TryNumber(ReadOnlySpan<byte> bytes, ref int at, out int number)
    {
        number = 0;
        while (at < bytes.Length && (IsBlank(bytes[at]) || bytes[at] == '#'))
        {
            if (bytes[at] == '#')
            {
                var end = bytes[at..].IndexOf((byte)'\n');
                at = end < 0 ? bytes.Length : at + end;
            }
            else
            {
                at++;
            }
        }

        var start = at;
        while (at < bytes.Length && bytes[at] is >= (byte)'0' and <= (byte)'9' && number <= int.MaxValue / 10 - 1)
        {
            number = (10 * number) + bytes[at++] - '0';
        }

        return at > start;
    }

    private static bool IsBlank(byte letter) => letter is (byte)' ' or (>= 9 and <= 13);
}
