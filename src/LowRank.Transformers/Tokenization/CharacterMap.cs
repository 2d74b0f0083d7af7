using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace LowRank.Transformers.Tokenization;

/// <summary>SentencePiece's compiled normalisation, such as <c>nmt_nfkc</c>: a trie of what becomes what.</summary>
/// <remarks>
/// The trie is a double array of darts-clone (MIT): a unit holds a label, a leaf flag and an offset. A cluster of
/// characters that a reader takes for one is looked up as a whole when it has fewer than six bytes, else character by
/// character, and the shortest entry that begins it counts: Hugging Face's way, on which its ids depend.
/// </remarks>
internal sealed class CharacterMap
{
    private const int LongestCluster = 5;

    private readonly uint[] _units;
    private readonly byte[] _results;
    private readonly bool _keepsAscii;

    private CharacterMap(uint[] units, byte[] results)
    {
        _units = units;
        _results = results;
        _keepsAscii = Enumerable.Range(' ', '~' - ' ' + 1).All(letter => Find([(byte)letter]) is null);
    }

    /// <summary>Reads the compiled form: the trie's size, the trie, and the results, each ended by a zero.</summary>
    /// <exception cref="ArgumentException">The bytes are no such map.</exception>
    public static CharacterMap Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 4 || BinaryPrimitives.ReadUInt32LittleEndian(bytes) is var size
            && (size == 0 || size % 4 != 0 || size > bytes.Length - 4))
        {
            throw new ArgumentException(
                $"precompiled_charsmap: got {bytes.Length} bytes that do not hold their trie; the file is damaged.");
        }

        var units = new uint[size / 4];
        for (var i = 0; i < units.Length; i++)
        {
            units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 + (4 * i))..]);
        }

        return new(units, bytes[(4 + (int)size)..].ToArray());
    }

    /// <summary>The normalised text.</summary>
    public string Normalize(string text)
    {
        if (_keepsAscii && !text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return text;
        }

        var normalized = new StringBuilder(text.Length + 8);
        Span<byte> bytes = stackalloc byte[8];
        for (var rest = text.AsSpan(); rest.Length > 0;)
        {
            var cluster = rest[..StringInfo.GetNextTextElementLength(rest)];
            if (Encoding.UTF8.GetByteCount(cluster) <= LongestCluster
                && Find(bytes[..Encoding.UTF8.GetBytes(cluster, bytes)]) is { } whole)
            {
                normalized.Append(whole);
            }
            else
            {
                AppendRunes(cluster, normalized, bytes);
            }

            rest = rest[cluster.Length..];
        }

        return normalized.ToString();
    }

    private void AppendRunes(ReadOnlySpan<char> cluster, StringBuilder normalized, Span<byte> bytes)
    {
        foreach (var rune in cluster.EnumerateRunes())
        {
            if (Find(bytes[..rune.EncodeToUtf8(bytes)]) is { } result)
            {
                normalized.Append(result);
            }
            else
            {
                normalized.Append(rune);
            }
        }
    }

    // What the shortest entry that begins the key becomes; null where none begins it.
    private string? Find(ReadOnlySpan<byte> key)
    {
        var at = Offset(_units[0]);
        foreach (var letter in key)
        {
            at ^= letter;
            if (letter == 0 || at >= _units.Length || (_units[at] & 0x800000FF) != letter)
            {
                return null;
            }

            var unit = _units[at];
            at ^= Offset(unit);
            if ((unit & 0x100) != 0)
            {
                return at < _units.Length ? Result(_units[at] & 0x7FFFFFFF) : null;
            }
        }

        return null;
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);

    private string? Result(uint start)
    {
        if (start >= _results.Length)
        {
            return null;
        }

        var rest = _results.AsSpan((int)start);
        var length = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(length < 0 ? rest : rest[..length]);
    }
}
