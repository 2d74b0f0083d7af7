namespace LowRank.FineTuning.Data;

/// <summary>A file to read that throws at its end, for a reader that would go on asking.</summary>
internal sealed class EndCheckedStream(FileStream file) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => file.Length;

    public override long Position
    {
        get => file.Position;
        set => file.Position = value;
    }

    public override int Read(byte[] buffer, int offset, int count) => Checked(file.Read(buffer, offset, count), count);

    public override int Read(Span<byte> buffer) => Checked(file.Read(buffer), buffer.Length);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation = default) =>
        Checked(await file.ReadAsync(buffer, cancellation).ConfigureAwait(false), buffer.Length);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int ReadByte() => file.ReadByte() is var value and >= 0 ? value : throw new EndOfStreamException();

    public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
        }

        base.Dispose(disposing);
    }

    private static int Checked(int read, int wanted) =>
        read == 0 && wanted > 0 ? throw new EndOfStreamException() : read;
}
