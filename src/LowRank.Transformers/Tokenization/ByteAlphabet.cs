using System.Text;

namespace LowRank.Transformers.Tokenization;

/// <summary>GPT-2's spelling of the 256 bytes as printable characters, the alphabet of its vocabulary.</summary>
/// <remarks>Printable Latin-1 stands for itself; the other bytes follow from U+0100 on: a blank is <c>Ġ</c>.</remarks>
internal static class ByteAlphabet
{
    private static readonly char[] Letters = MakeLetters();
    private static readonly Dictionary<char, byte> Bytes =
        Enumerable.Range(0, 256).ToDictionary(value => Letters[value], value => (byte)value);

    /// <summary>The character that stands for a byte.</summary>
    public static char Letter(byte value) => Letters[value];

    /// <summary>Whether a token is written in this alphabet throughout; added tokens need not be.</summary>
    public static bool Spells(string token) => token.All(Bytes.ContainsKey);

    /// <summary>The text of tokens; bytes that are no character become U+FFFD.</summary>
    public static string Read(IEnumerable<string> tokens)
    {
        using var bytes = new MemoryStream();
        foreach (var token in tokens)
        {
            if (Spells(token))
            {
                foreach (var letter in token)
                {
                    bytes.WriteByte(Bytes[letter]);
                }
            }
            else
            {
                bytes.Write(Encoding.UTF8.GetBytes(token));
            }
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static char[] MakeLetters()
    {
        var letters = new char[256];
        var next = 0x100;
        for (var value = 0; value < 256; value++)
        {
            var stands = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            letters[value] = (char)(stands ? value : next++);
        }

        return letters;
    }
}
