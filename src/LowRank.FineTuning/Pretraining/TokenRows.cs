using System.Runtime.InteropServices;
using System.Security.Cryptography;
using LowRank.Tensors;

namespace LowRank.FineTuning.Pretraining;

/// <summary>Rows of token ids to hide words in.</summary>
internal abstract class TokenRows
{
    public abstract int Count { get; }

    /// <summary>The tokens of all rows.</summary>
    public abstract long Tokens { get; }

    /// <summary>A digest of all ids.</summary>
    public abstract string Fingerprint { get; }

    /// <summary>All ids of the text, for counting.</summary>
    public abstract IEnumerable<int> Ids { get; }

    /// <summary>A row.</summary>
    /// <param name="index">Its number.</param>
    /// <param name="seed">Decides what is drawn anew each time.</param>
    public abstract TokenRow Row(int index, Seed seed);

    private protected static string Digest(IEnumerable<int[]> rows)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var ids in rows)
        {
            hash.AppendData(MemoryMarshal.AsBytes<int>(ids));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}
