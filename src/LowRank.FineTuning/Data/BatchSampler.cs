using LowRank.Tensors;

namespace LowRank.FineTuning.Data;

/// <summary>Says which rows are in which batch: a function of seed and epoch, so a run resumes anywhere.</summary>
public sealed class BatchSampler
{
    // As many batches are sorted together by length: enough to group well, few enough to stay random.
    private const int BatchesPerStretch = 50;

    private readonly int _rows;
    private readonly int _batchSize;
    private readonly Seed _seed;
    private readonly BatchOrder _order;
    private readonly bool _dropsLast;
    private readonly IReadOnlyList<int>? _lengths;

    /// <summary>A sampler.</summary>
    /// <param name="rows">The number of rows, at least 1.</param>
    /// <param name="batchSize">Rows in a batch, at least 1.</param>
    /// <param name="seed">Decides the random orders.</param>
    /// <param name="order">The kind of order.</param>
    /// <param name="dropsLast">Leaves out the last batch of an epoch when it is not full; never the only one.</param>
    /// <param name="lengths">The length of each row, in tokens; needed by the orders that look at lengths.</param>
    /// <exception cref="ArgumentException">Lengths are needed and missing, or not as many as rows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1.</exception>
    public BatchSampler(
        int rows,
        int batchSize,
        Seed seed,
        BatchOrder order = BatchOrder.Shuffled,
        bool dropsLast = false,
        IReadOnlyList<int>? lengths = null)
    {
        _rows = Check.AtLeast(rows, 1);
        _batchSize = Check.AtLeast(batchSize, 1);
        Check.That(
            lengths is null ? order is BatchOrder.Shuffled or BatchOrder.Sequential : lengths.Count == rows,
            nameof(lengths),
            $"lengths: got {lengths?.Count ?? 0} for {rows} rows in the order {order}; wanted one each.");
        _seed = seed.For("batches");
        _order = order;
        _dropsLast = dropsLast && rows > batchSize;
        _lengths = lengths;
        BatchesPerEpoch = _dropsLast ? rows / batchSize : (rows + batchSize - 1) / batchSize;
    }

    /// <summary>The batches in each epoch.</summary>
    public int BatchesPerEpoch { get; }

    /// <summary>The batches of an epoch.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <returns>The row numbers of each batch: every row once, but for a last batch that is left out.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The epoch is negative.</exception>
    public IReadOnlyList<int[]> Epoch(int epoch)
    {
        var random = _seed.For(Check.AtLeast(epoch, 0)).Random();
        var rows = Enumerable.Range(0, _rows).ToArray();
        if (_order is BatchOrder.Shuffled or BatchOrder.ShuffledByLength)
        {
            random.Shuffle(rows);
        }

        if (_order == BatchOrder.LongestFirst)
        {
            rows = [.. rows.OrderByDescending(LengthOf)];
        }

        var batches = _order == BatchOrder.ShuffledByLength ? Grouped(rows, random) : [.. rows.Chunk(_batchSize)];
        return _dropsLast ? [.. batches.Where(batch => batch.Length == _batchSize)] : batches;
    }

    /// <summary>The batch of a step, counted from the start of training.</summary>
    /// <remarks>Makes the whole epoch: to go through all batches, use <see cref="Epoch"/>.</remarks>
    /// <param name="step">The step, from 0.</param>
    /// <returns>The row numbers.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative.</exception>
    public int[] Batch(int step) => Epoch(Check.AtLeast(step, 0) / BatchesPerEpoch)[step % BatchesPerEpoch];

    // The rows that do not fill a batch are set apart before the sorting, lest they be the longest or the shortest.
    private List<int[]> Grouped(int[] rows, Random random)
    {
        var full = rows.Length - (rows.Length % _batchSize);
        var batches = rows.Take(full)
            .Chunk(_batchSize * BatchesPerStretch)
            .SelectMany(stretch => stretch.OrderByDescending(LengthOf).Chunk(_batchSize))
            .ToArray();
        random.Shuffle(batches);
        return full == rows.Length ? [.. batches] : [.. batches, rows[full..]];
    }

    private int LengthOf(int row) => _lengths?[row] ?? 0;
}
