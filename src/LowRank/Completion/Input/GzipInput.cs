using System.IO.Compression;

namespace LowRank.Completion.Input;

/// <summary>Decompresses gzip and, unlike <see cref="GZipStream"/>, notices when the end is missing.</summary>
/// <remarks>
/// <see cref="GZipStream"/> reads a truncated file as if it were whole. Here a small gzip member of our own follows
/// the file: only where the last member of the file has ended properly is it understood, and then its text is the end
/// of the output. Holding that text back costs nothing and needs no second pass.
/// </remarks>
internal sealed class GzipInput(string name, Stream compressed)
    : ForwardStream(new GZipStream(new PaddedStream(default, compressed, SealMember), CompressionMode.Decompress))
{
    private static readonly byte[] Seal = [.. "\u0001LowRank-seal-\u0002\n"u8];
    private static readonly byte[] SealMember = Compress(Seal);

    private readonly byte[] _held = new byte[1 << 16];
    private int _start;
    private int _end;
    private long _delivered;
    private bool _ended;

    public override int Read(Span<byte> buffer)
    {
        Fill();
        var count = Math.Min(buffer.Length, Math.Max(0, _end - _start - Seal.Length));
        _held.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        _delivered += count;
        return count;
    }

    // Until more than the seal is held, or the end is reached and the seal checked.
    private void Fill()
    {
        while (!_ended && _end - _start <= Seal.Length)
        {
            _held.AsSpan(_start, _end - _start).CopyTo(_held);
            _end -= _start;
            _start = 0;
            var got = Decompress();
            _end += got;
            if (got == 0)
            {
                _ended = true;
                if (!_held.AsSpan(_start, _end - _start).SequenceEqual(Seal))
                {
                    throw Damaged();
                }
            }
        }
    }

    private int Decompress()
    {
        try
        {
            return Inner.Read(_held.AsSpan(_end));
        }
        catch (Exception error) when (error is InvalidDataException || IsRefusal(error))
        {
            throw Damaged();
        }
    }

    // Some damage ends in an IOException of zlib's own, which must not pass for a failing disk.
    private static bool IsRefusal(Exception error) =>
        error is IOException && error.GetType().Namespace == typeof(GZipStream).Namespace;

    private InvalidDataException Damaged() => InputFault.Of(
        name,
        $"gzip data that breaks off or is damaged after {_delivered} bytes of contents",
        "a whole gzip file",
        "fetch or compress it again");

    private static byte[] Compress(ReadOnlySpan<byte> bytes)
    {
        using var stream = new MemoryStream();
        using (var zip = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true))
        {
            zip.Write(bytes);
        }

        return stream.ToArray();
    }
}
