using System.Buffers.Binary;

namespace LowRank.Completion.Input;

/// <summary>How the pixels of a PNG image are laid out.</summary>
/// <param name="Width">Number of columns.</param>
/// <param name="Height">Number of rows.</param>
/// <param name="Bits">Bits of a sample.</param>
/// <param name="Channels">
/// Samples of a pixel: 1 grey or palette, 2 grey and opacity, 3 colour, 4 colour and opacity.
/// </param>
/// <param name="HasPalette">Whether the sample is a place in the palette.</param>
internal sealed record PngForm(int Width, int Height, int Bits, int Channels, bool HasPalette)
{
    /// <summary>Bytes of a line without its filter byte.</summary>
    public int Stride => (int)((((long)Width * Bits * Channels) + 7) / 8);

    /// <summary>Bytes from a pixel to the next, at least 1.</summary>
    public int PixelBytes => Math.Max(1, Bits * Channels / 8);

    /// <summary>Reads the header chunk.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or the image is interlaced or far too large.</exception>
    public static PngForm Parse(string file, byte[] header)
    {
        var width = header.Length == 13 ? BinaryPrimitives.ReadUInt32BigEndian(header) : 0;
        var height = header.Length == 13 ? BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)) : 0;
        if (width is 0 or > 1 << 20 || height is 0 or > 1 << 20 || (long)width * height > Array.MaxLength)
        {
            throw InputFault.Of(
                file,
                "a damaged or far too large PNG header",
                "at most a million rows and columns",
                "save the image again");
        }

        var channels = header[9] switch { 0 or 3 => 1, 4 => 2, 2 => 3, 6 => 4, _ => 0 };
        var bits = header[8];
        var depth = bits is 8 || (bits is 16 && header[9] != 3) || (bits is 1 or 2 or 4 && channels == 1);
        var known = channels > 0 && depth;
        if (!known || header[10] != 0 || header[11] != 0 || header[12] != 0)
        {
            throw InputFault.Of(
                file,
                known && header[12] == 1 ? "an interlaced PNG image" : "a PNG image of an unknown kind",
                "a plain grey PNG image",
                "save it again without interlacing");
        }

        return new PngForm((int)width, (int)height, bits, channels, header[9] == 3);
    }

    /// <summary>One sample of a pixel in an unfiltered line.</summary>
    public int Sample(ReadOnlySpan<byte> line, int x, int channel)
    {
        if (Bits == 16)
        {
            return BinaryPrimitives.ReadUInt16BigEndian(line[(2 * ((x * Channels) + channel))..]);
        }

        if (Bits == 8)
        {
            return line[(x * Channels) + channel];
        }

        var bit = x * Bits;
        return (line[bit / 8] >> (8 - Bits - (bit % 8))) & ((1 << Bits) - 1);
    }
}
