using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace LowRank.Transformers.Hub;

/// <summary>The hash by which the Hub names a file: SHA-256 of large ones, Git's SHA-1 of small ones.</summary>
internal sealed partial record HubHash(string Hex)
{
    /// <summary>Whether it is a SHA-256 rather than Git's SHA-1.</summary>
    public bool IsSha256 => Hex.Length == 64;

    /// <summary>Reads an ETag, weak or not, in quotes or not; null when it is no such hash.</summary>
    public static HubHash? FromETag(string? etag)
    {
        if (etag is null)
        {
            return null;
        }

        var text = etag.StartsWith("W/", StringComparison.Ordinal) ? etag[2..] : etag;
        text = text.Trim('"');
        return HexPattern().IsMatch(text) ? new(text) : null;
    }

    /// <summary>Computes the same kind of hash of a file.</summary>
    public async Task<HubHash> OfFileAsync(string path, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(IsSha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, useAsync: true);
        await using (stream.ConfigureAwait(false))
        {
            if (!IsSha256)
            {
                // What git hash-object does: the kind and the length stand before the contents.
                hash.AppendData(Encoding.ASCII.GetBytes(
                    string.Create(CultureInfo.InvariantCulture, $"blob {stream.Length}\0")));
            }

            var buffer = new byte[1 << 20];
            int read;
            while ((read = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
            {
                hash.AppendData(buffer, 0, read);
            }
        }

        return new(Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    [GeneratedRegex(@"\A(?:[0-9a-f]{40}|[0-9a-f]{64})\z")]
    private static partial Regex HexPattern();
}
