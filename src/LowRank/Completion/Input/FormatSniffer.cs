using System.Text;

namespace LowRank.Completion.Input;

/// <summary>Knows a file by its first bytes, and refuses with a reason what no reader here can read.</summary>
internal static class FormatSniffer
{
    private const string Remedy = "export it as CSV, MatrixMarket, NPY, PGM or PNG";

    private static readonly (byte[] Start, string What, string Remedy)[] Strangers =
    [
        ([0x1F, 0x8B], "a gzip file inside a gzip file", "unpack it once"),
        ([.. "PK\u0003\u0004"u8], "a zip archive", "unpack it and name one of its files"),
        ([.. "BZh"u8], "a bzip2 file", "unpack it first"),
        ([0xFD, .. "7zXZ\0"u8], "an xz file", "unpack it first"),
        ([0x28, 0xB5, 0x2F, 0xFD], "a zstandard file", "unpack it first"),
        ([.. "PAR1"u8], "a Parquet file", Remedy),
        ([0xFF, 0xD8, 0xFF], "a JPEG image", "save it as a grey PNG or PGM"),
        ([.. "GIF8"u8], "a GIF image", "save it as a grey PNG or PGM"),
        ([0xFF, 0xFE], "a UTF-16 text", "save it as UTF-8"),
        ([0xFE, 0xFF], "a UTF-16 text", "save it as UTF-8"),
    ];

    /// <summary>Finds the form of a file, and takes its byte-order mark.</summary>
    /// <exception cref="InvalidDataException">The file is empty or of a form that is not read here.</exception>
    public static RatingsFormat Find(InputSource source, RatingsFormat wanted)
    {
        if (source.Peek(out _).StartsWith("\uFEFF"u8))
        {
            source.Read(stackalloc byte[3]);
        }

        var start = source.Peek(out _);
        if (start.IsEmpty)
        {
            throw InputFault.Of(
                source.Name, "an empty file", "lines of row id, column id and value", "check that its export finished");
        }

        var format = wanted == RatingsFormat.Auto ? Guess(start) : wanted;
        if (format is RatingsFormat.Delimited or RatingsFormat.DenseText)
        {
            RefuseStrangers(source.Name, start);
        }

        return format;
    }

    private static RatingsFormat Guess(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith(NpyReader.Magic))
        {
            return RatingsFormat.Npy;
        }

        if (start.StartsWith(PngReader.Magic))
        {
            return RatingsFormat.Png;
        }

        // Both letters could start a user's id as well; a whole header could not.
        if (PgmReader.LooksLikeHeader(start))
        {
            return RatingsFormat.Pgm;
        }

        var text = Encoding.ASCII.GetString(start[..Math.Min(start.Length, MatrixMarketReader.Banner.Length)]);
        return text.Equals(MatrixMarketReader.Banner, StringComparison.OrdinalIgnoreCase)
            ? RatingsFormat.MatrixMarket
            : RatingsFormat.Delimited;
    }

    private static void RefuseStrangers(string file, ReadOnlySpan<byte> start)
    {
        foreach (var (magic, what, remedy) in Strangers)
        {
            if (start.StartsWith(magic))
            {
                throw InputFault.Of(file, what, "a text", remedy);
            }
        }

        if (start.Contains((byte)0))
        {
            throw InputFault.Of(file, "binary data", "a text", Remedy);
        }
    }
}
