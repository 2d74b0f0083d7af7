namespace LowRank.Completion.Input;

/// <summary>A stream with bytes before and after it.</summary>
internal sealed class PaddedStream(ReadOnlyMemory<byte> before, Stream inner, ReadOnlyMemory<byte> after) : Stream
{
    private ReadOnlyMemory<byte> _before = before;
    private ReadOnlyMemory<byte> _after = after;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        if (_before.Length > 0)
        {
            return Take(ref _before, buffer);
        }

        var got = inner.Read(buffer);
        return got > 0 || buffer.Length == 0 ? got : Take(ref _after, buffer);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private static int Take(ref ReadOnlyMemory<byte> from, Span<byte> buffer)
    {
        var count = Math.Min(from.Length, buffer.Length);
        from.Span[..count].CopyTo(buffer);
        from = from[count..];
        return count;
    }
}
