namespace LowRank.Completion.Input;

/// <summary>A stream with bytes before and after it.</summary>
internal sealed class PaddedStream(ReadOnlyMemory<byte> before, Stream inner, ReadOnlyMemory<byte> after) : ForwardStream(inner)
{
    private ReadOnlyMemory<byte> _before = before;
    private ReadOnlyMemory<byte> _after = after;

    public override int Read(Span<byte> buffer)
    {
        if (_before.Length > 0)
        {
            return Take(ref _before, buffer);
        }

        var got = Inner.Read(buffer);
        return got > 0 || buffer.Length == 0 ? got : Take(ref _after, buffer);
    }

    private static int Take(ref ReadOnlyMemory<byte> from, Span<byte> buffer)
    {
        var count = Math.Min(from.Length, buffer.Length);
        from.Span[..count].CopyTo(buffer);
        from = from[count..];
        return count;
    }
}
