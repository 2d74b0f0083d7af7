using System.Runtime.InteropServices;

namespace LowRank.Completion.Input;

/// <summary>
/// Memory for many <see cref="EntryBlock"/>s of one worker, given back when the last of them is done with.
/// </summary>
/// <remarks>
/// So large that the C library takes it from the system by itself and really returns it; smaller pieces it may keep.
/// Only touched pages count.
/// </remarks>
internal sealed unsafe class EntrySlab : IDisposable
{
    /// <summary>Bytes per entry: value, row, column.</summary>
    public const int EntrySize = sizeof(double) + (2 * sizeof(int));

    // Above glibc's largest threshold for giving memory its own mapping, 32 MB; and above 16 bytes for each byte of
    // a block of text, which may be all line feeds.
    private const int Capacity = 40 << 20;

    private byte* _memory = (byte*)NativeMemory.Alloc(Capacity);
    private int _used;
    private int _holders = 1;

    /// <summary>Whether there is room for so many entries.</summary>
    public bool HasRoom(int entries) => Capacity - _used >= (long)entries * EntrySize;

    /// <summary>Takes room for entries; the block calls <see cref="Dispose"/> when done.</summary>
    public void* Take(int entries)
    {
        Interlocked.Increment(ref _holders);
        var place = _memory + _used;
        _used += entries * EntrySize;
        return place;
    }

    /// <summary>One holder less: the worker itself, or one of its blocks.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            NativeMemory.Free(_memory);
            _memory = null;
        }
    }
}
