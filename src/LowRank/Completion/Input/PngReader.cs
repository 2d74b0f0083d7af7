using System.Buffers.Binary;
using System.IO.Compression;

namespace LowRank.Completion.Input;

/// <summary>
/// Reads grey PNG images of 1 to 16 bits; colours are accepted only where every pixel is grey and opaque.
/// </summary>
/// <remarks>
/// Our own decoder, because a damaged file must end in a message: the ready-made ones work on unchecked pointers or
/// reduce 16 bits to 8. Interlaced images are refused. Checksums of chunks are not compared; the image data have one of
/// their own, which is.
/// </remarks>
internal static class PngReader
{
    private const string Wanted = "a whole grey PNG image";
    private const string Remedy = "save the image again";

    public static readonly byte[] Magic = [0x89, .. "PNG\r\n\u001A\n"u8];

    /// <summary>Reads the image.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, interlaced, coloured or transparent.</exception>
    public static GreyImage Read(InputSource source)
    {
        var bytes = source.ReadToEnd();
        if (!bytes.AsSpan().StartsWith(Magic))
        {
            throw InputFault.Of(source.Name, InputFault.Quote(bytes), Wanted, Remedy);
        }

        var chunks = ReadChunks(source.Name, bytes);
        var form = PngForm.Parse(source.Name, chunks.Header);
        var raw = Inflate(source.Name, chunks.Data, form);
        Unfilter(source.Name, raw, form);
        return ToGrey(source.Name, raw, form, chunks.Palette);
    }

    private static (byte[] Header, byte[] Palette, MemoryStream Data) ReadChunks(string file, byte[] bytes)
    {
        byte[] header = [];
        byte[] palette = [];
        var data = new MemoryStream();
        for (var at = Magic.Length; at + 12 <= bytes.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));
            if (length > bytes.Length - at - 12)
            {
                break;
            }

            var type = bytes.AsSpan(at + 4, 4);
            var body = bytes.AsSpan(at + 8, (int)length);
            header = type.SequenceEqual("IHDR"u8) ? body.ToArray() : header;
            palette = type.SequenceEqual("PLTE"u8) ? body.ToArray() : palette;
            if (type.SequenceEqual("IDAT"u8))
            {
                data.Write(body);
            }
            else if (type.SequenceEqual("tRNS"u8))
            {
                throw InputFault.Of(
                    file,
                    "an image with transparency",
                    "an opaque one",
                    "save it opaque, and the mask as its own image");
            }
            else if (type.SequenceEqual("IEND"u8))
            {
                data.Position = 0;
                return (header, palette, data);
            }

            at += 12 + (int)length;
        }

        throw InputFault.Of(file, $"a PNG image that breaks off within {bytes.Length} bytes", Wanted, Remedy);
    }

    private static byte[] Inflate(string file, MemoryStream data, PngForm form)
    {
        // Deflate packs at most 1032 to 1: a tiny file cannot make us reserve gigabytes.
        var size = (long)form.Height * (form.Stride + 1);
        var fault = $"image data that are damaged or do not fill {form.Width} x {form.Height} pixels";
        if (size > Math.Min(Array.MaxLength, 1100 * data.Length))
        {
            throw InputFault.Of(file, fault, Wanted, Remedy);
        }

        var raw = new byte[size];
        try
        {
            using var zip = new ZLibStream(data, CompressionMode.Decompress);
            zip.ReadExactly(raw);

            // One read more makes the stream compare its checksum.
            _ = zip.Read(new byte[1]);
            return raw;
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            // The data are in memory, so that this is never the disk: the end is missing, or zlib refuses them.
            throw InputFault.Of(file, fault, Wanted, Remedy);
        }
    }

    // Each line starts with the kind of its prediction from the byte to the left (a), above (b) and above left (c).
    private static void Unfilter(string file, byte[] raw, PngForm form)
    {
        var above = new byte[form.Stride];
        for (var y = 0; y < form.Height; y++)
        {
            var line = raw.AsSpan(y * (form.Stride + 1), form.Stride + 1);
            var kind = line[0];
            line = line[1..];
            for (var i = 0; i < line.Length && kind > 0; i++)
            {
                int a = i < form.PixelBytes ? 0 : line[i - form.PixelBytes];
                int b = above[i];
                int c = i < form.PixelBytes ? 0 : above[i - form.PixelBytes];
                line[i] += kind switch
                {
                    1 => (byte)a,
                    2 => (byte)b,
                    3 => (byte)((a + b) / 2),
                    4 => (byte)Paeth(a, b, c),
                    _ => throw InputFault.Of(file, $"the unknown line filter {kind}", Wanted, Remedy),
                };
            }

            line.CopyTo(above);
        }
    }

    private static int Paeth(int a, int b, int c)
    {
        var estimate = a + b - c;
        var toA = Math.Abs(estimate - a);
        var toB = Math.Abs(estimate - b);
        var toC = Math.Abs(estimate - c);
        return toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
    }

    private static GreyImage ToGrey(string file, byte[] raw, PngForm form, byte[] palette)
    {
        var pixels = new ushort[form.Width * form.Height];
        for (var k = 0; k < pixels.Length; k++)
        {
            var (y, x) = Math.DivRem(k, form.Width);
            var line = raw.AsSpan((y * (form.Stride + 1)) + 1, form.Stride);
            var first = form.Sample(line, x, 0);
            var grey = true;
            if (form.HasPalette)
            {
                var colour = palette.AsSpan(Math.Min(3 * first, palette.Length));
                grey = colour.Length >= 3 && colour[0] == colour[1] && colour[0] == colour[2];
                first = grey ? colour[0] : 0;
            }
            else if (form.Channels >= 3)
            {
                grey = first == form.Sample(line, x, 1) && first == form.Sample(line, x, 2);
            }

            var opaque = form.Channels % 2 == 1 || form.Sample(line, x, form.Channels - 1) == (1 << form.Bits) - 1;
            if (!grey || !opaque)
            {
                throw InputFault.Of(
                    $"{file}, row {y + 1}, column {x + 1}", grey ? "a transparent pixel" : "a coloured pixel",
                    "an opaque grey one", "save the image as grey, and a mask as its own image");
            }

            pixels[k] = (ushort)first;
        }

        return new GreyImage(form.Width, form.Height, pixels);
    }
}
