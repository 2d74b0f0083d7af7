namespace LowRank.Completion.Input;

/// <summary>
/// Entries parsed from one <see cref="TextBlock"/>, in memory that is given back the moment it is not needed.
/// </summary>
/// <remarks>
/// Ten million entries come as some two hundred such blocks. Were they managed arrays, they would wait for a garbage
/// collection beside the final arrays; so the peak stays near the size of the result.
/// </remarks>
internal sealed unsafe class EntryBlock : IDisposable
{
    private readonly int _capacity;
    private readonly byte* _memory;
    private EntrySlab? _slab;

    public EntryBlock(TextBlock text, int worker, EntrySlab slab)
    {
        Worker = worker;
        Sequence = text.Sequence;
        FirstLine = text.FirstLine;

        // One entry per line at most.
        _capacity = text.Lines;
        _memory = (byte*)slab.Take(_capacity);
        _slab = slab;
    }

    /// <summary>The worker whose numbering of ids the entries use.</summary>
    public int Worker { get; }

    /// <summary>The block's place in the file.</summary>
    public int Sequence { get; }

    /// <summary>The line of the block's first byte.</summary>
    public long FirstLine { get; }

    /// <summary>Number of entries.</summary>
    public int Count { get; set; }

    /// <summary>Place of the first entry in the whole, once it is known.</summary>
    public int Offset { get; set; }

    public double* Values => (double*)_memory;

    public int* Rows => (int*)(Values + _capacity);

    public int* Columns => Rows + _capacity;

    /// <summary>Lines without an entry, counted from the block's first line; nearly always none.</summary>
    public List<int> Gaps { get; } = [];

    /// <summary>Copies the entries to their place, ids renumbered, and gives the memory back.</summary>
    public void MoveTo(EntryTable table, int[]? rowNumbers, int[]? columnNumbers)
    {
        if (table.Values.Length > 0)
        {
            new ReadOnlySpan<double>(Values, Count).CopyTo(table.Values.AsSpan(Offset));
        }

        Renumber(Rows, table.Rows.AsSpan(Offset, Count), rowNumbers);
        Renumber(Columns, table.Columns.AsSpan(Offset, Count), columnNumbers);
        Dispose();
    }

    /// <summary>The line of one of the block's entries.</summary>
    public long LineOf(int entry)
    {
        var line = entry;
        foreach (var gap in Gaps)
        {
            line += gap <= line ? 1 : 0;
        }

        return FirstLine + line;
    }

    public void Dispose()
    {
        _slab?.Dispose();
        _slab = null;
    }

    private static void Renumber(int* from, Span<int> to, int[]? numbers)
    {
        if (numbers is null)
        {
            new ReadOnlySpan<int>(from, to.Length).CopyTo(to);
            return;
        }

        for (var i = 0; i < to.Length; i++)
        {
            to[i] = numbers[from[i]];
        }
    }
}
