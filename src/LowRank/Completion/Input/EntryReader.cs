using System.Runtime.ExceptionServices;

namespace LowRank.Completion.Input;

/// <summary>
/// Reads the body of a delimited text with several threads; the result is the same for any number of them.
/// </summary>
/// <remarks>
/// The threads take blocks of whole lines in turn. Each numbers the ids that it meets by itself; at the end the
/// numberings are brought together by first appearance in the file, and the entries are moved to their places.
/// </remarks>
internal sealed class EntryReader
{
    private readonly InputSource _source;
    private readonly CancellationToken _cancellation;
    private readonly LineParser[] _parsers;
    private readonly List<EntryBlock>[] _blocks;
    private readonly bool _refuse;
    private volatile bool _stop;
    private ExceptionDispatchInfo? _error;

    private EntryReader(
        InputSource source, TextLayout layout, TextRules rules, int threads, CancellationToken cancellation)
    {
        _source = source;
        _cancellation = cancellation;
        _refuse = rules.BadLines == BadLinePolicy.Refuse;
        _parsers = new LineParser[threads];
        _blocks = new List<EntryBlock>[threads];
        for (var i = 0; i < threads; i++)
        {
            _parsers[i] = new LineParser(source.Name, layout, rules);
            _blocks[i] = [];
        }
    }

    /// <summary>Reads all lines that are left.</summary>
    /// <param name="source">The file, behind its header.</param>
    /// <param name="layout">Where the fields are.</param>
    /// <param name="rules">What a line must satisfy.</param>
    /// <param name="threads">Number of threads, 0 for one per processor.</param>
    /// <param name="cancellation">Ends the work between two blocks.</param>
    /// <exception cref="InvalidDataException">A line cannot be read; the first one is named.</exception>
    /// <exception cref="OperationCanceledException">The caller asked for it.</exception>
    public static EntryTable Read(
        InputSource source, TextLayout layout, TextRules rules, int threads, CancellationToken cancellation)
    {
        source.Peek(out var small);
        var count = threads > 0 ? threads : small ? 1 : Math.Min(Environment.ProcessorCount, 16);
        var reader = new EntryReader(source, layout, rules, count, cancellation);
        try
        {
            reader.Parse();
            return reader.Join(ownIds: rules.RowLimit == 0, values: layout.Value >= 0);
        }
        finally
        {
            foreach (var block in reader._blocks.SelectMany(b => b))
            {
                block.Dispose();
            }
        }
    }

    private void Parse()
    {
        var others = Enumerable.Range(1, _parsers.Length - 1)
            .Select(i => Task.Factory.StartNew(
                () => Work(i), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))
            .ToArray();
        Work(0);
        Task.WaitAll(others, CancellationToken.None);

        // Blocks are taken in file order and finished once taken, so the earliest fault of all is the file's first.
        if (_refuse && _parsers.SelectMany(p => p.Faults).ToList() is { Count: > 0 } faults)
        {
            throw new InvalidDataException(faults.MinBy(f => f.Line).Text);
        }

        _error?.Throw();
        _cancellation.ThrowIfCancellationRequested();
    }

    private void Work(int worker)
    {
        EntrySlab? slab = null;
        try
        {
            var text = new TextBlock();
            while (!_stop && !_cancellation.IsCancellationRequested && _source.TryReadBlock(text))
            {
                if (slab is null || !slab.HasRoom(text.Lines))
                {
                    slab?.Dispose();
                    slab = new EntrySlab();
                }

                var entries = new EntryBlock(text, worker, slab);
                _blocks[worker].Add(entries);
                _parsers[worker].Parse(text, entries);
                _stop |= _refuse && _parsers[worker].BadLines > 0;
            }
        }
        catch (Exception error)
        {
            _error = ExceptionDispatchInfo.Capture(error);
            _stop = true;
        }
        finally
        {
            slab?.Dispose();
        }
    }

    private EntryTable Join(bool ownIds, bool values)
    {
        var blocks = _blocks.SelectMany(b => b).OrderBy(b => b.Sequence).ToArray();
        var total = blocks.Sum(b => (long)b.Count);
        if (total > Array.MaxLength)
        {
            throw InputFault.Of(
                _source.Name, $"{total} entries", $"at most {Array.MaxLength}", "read the file in parts");
        }

        for (var i = 1; i < blocks.Length; i++)
        {
            blocks[i].Offset = blocks[i - 1].Offset + blocks[i - 1].Count;
        }

        var rowIds = ownIds ? IdJoin.Of([.. _parsers.Select(p => p.Rows)]) : null;
        var columnIds = ownIds ? IdJoin.Of([.. _parsers.Select(p => p.Columns)]) : null;
        var table = new EntryTable(
            GC.AllocateUninitializedArray<int>((int)total),
            GC.AllocateUninitializedArray<int>((int)total),
            values ? GC.AllocateUninitializedArray<double>((int)total) : [],
            rowIds?.Ids,
            columnIds?.Ids)
        {
            BlankLines = _parsers.Sum(p => p.BlankLines),
            BadLines = _parsers.Sum(p => p.BadLines),
            Faults = [.. _parsers.SelectMany(p => p.Faults).OrderBy(f => f.Line).Take(10).Select(f => f.Text)],
            Blocks = blocks,
        };

        // Strictly in file order, so that the slabs empty one after the other.
        var next = -1;
        Parallel.For(0, _parsers.Length, _ =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < blocks.Length;)
            {
                var worker = blocks[i].Worker;
                blocks[i].MoveTo(table, rowIds?.Numbers?[worker], columnIds?.Numbers?[worker]);
            }
        });
        return table;
    }
}
