using System.Buffers.Binary;
using System.IO.Compression;

namespace LowRank.Tests.Completion.Input;

/// <summary>Writes PNG images for tests, every filter included.</summary>
internal static class TinyPng
{
    public static byte[] Write(int width, int height, int bits, int kind, byte[][] lines, int filter = 0, byte[]? palette = null)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = (byte)bits;
        header[9] = (byte)kind;
        var channels = kind switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        var data = new MemoryStream();
        using (var zip = new ZLibStream(data, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (var y = 0; y < lines.Length; y++)
            {
                zip.Write(Filter(lines, y, filter, Math.Max(1, bits * channels / 8)));
            }
        }

        return
        [
            0x89, .. "PNG\r\n\u001A\n"u8, .. Chunk("IHDR"u8, header), .. palette is null ? [] : Chunk("PLTE"u8, palette),
            .. Chunk("IDAT"u8, data.ToArray()[..5]), .. Chunk("IDAT"u8, data.ToArray()[5..]), .. Chunk("IEND"u8, []),
        ];
    }

    private static byte[] Filter(byte[][] lines, int y, int filter, int step)
    {
        var line = lines[y];
        var filtered = new byte[line.Length + 1];
        filtered[0] = (byte)filter;
        for (var i = 0; i < line.Length; i++)
        {
            int a = i < step ? 0 : line[i - step];
            int b = y == 0 ? 0 : lines[y - 1][i];
            int c = y == 0 || i < step ? 0 : lines[y - 1][i - step];
            int[] near = [a, b, c];
            var estimate = filter switch
            {
                0 => 0,
                1 => a,
                2 => b,
                3 => (a + b) / 2,
                _ => near.MinBy(n => Math.Abs(a + b - c - n)),
            };
            filtered[i + 1] = (byte)(line[i] - estimate);
        }

        return filtered;
    }

    private static byte[] Chunk(ReadOnlySpan<byte> type, byte[] body)
    {
        var chunk = new byte[body.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length);
        type.CopyTo(chunk.AsSpan(4));
        body.CopyTo(chunk, 8);
        return chunk;
    }
}
