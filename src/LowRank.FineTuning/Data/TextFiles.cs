using System.Text;

namespace LowRank.FineTuning.Data;

/// <summary>Opens text files so that bytes that are not text are refused instead of replaced.</summary>
internal static class TextFiles
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Reads UTF-8, or UTF-16 and UTF-32 that say so by a byte-order mark.</summary>
    public static StreamReader Open(string path) => new(path, Strict, detectEncodingFromByteOrderMarks: true);

    /// <summary>The whole text of a file.</summary>
    /// <exception cref="InvalidDataException">The bytes are not UTF-8.</exception>
    public static string ReadAll(TextReader text, string source)
    {
        try
        {
            return text.ReadToEnd();
        }
        catch (DecoderFallbackException fault)
        {
            throw NotUtf8(source, fault);
        }
    }

    /// <summary>The lines of a file.</summary>
    /// <exception cref="InvalidDataException">The bytes are not UTF-8.</exception>
    public static IEnumerable<string> ReadLines(TextReader text, string source)
    {
        while (true)
        {
            string? line;
            try
            {
                line = text.ReadLine();
            }
            catch (DecoderFallbackException fault)
            {
                throw NotUtf8(source, fault);
            }

            if (line is null)
            {
                yield break;
            }

            yield return line;
        }
    }

    /// <summary>The error for bytes that are not text.</summary>
    public static InvalidDataException NotUtf8(string source, DecoderFallbackException fault)
    {
        var bytes = fault.BytesUnknown is { Length: > 0 } unknown ? Convert.ToHexString(unknown) : "unknown";
        return new(
            $"{source}: not UTF-8 (bytes {bytes}); wanted UTF-8, or a byte-order mark that says otherwise. Save the "
            + "file as UTF-8.",
            fault);
    }
}
