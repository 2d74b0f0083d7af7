using System.Numerics;

namespace LowRank.Completion.Kernels;

/// <summary>Cuts rows into blocks of about equal numbers of entries and works on them side by side.</summary>
/// <remarks>
/// The cut depends on the data only, never on the number of threads, and sums are taken in block order: a result is
/// the same for any number of threads.
/// </remarks>
internal sealed class RowBlocks
{
    private const int DefaultCount = 64;
    private readonly int[] _bounds;
    private readonly ParallelOptions _parallel;

    private RowBlocks(int[] bounds, int threads)
    {
        _bounds = bounds;
        _parallel = new() { MaxDegreeOfParallelism = threads };
    }

    /// <summary>Number of blocks.</summary>
    public int Count => _bounds.Length - 1;

    /// <summary>Cuts the rows of a sparse matrix.</summary>
    /// <param name="data">The entries.</param>
    /// <param name="threads">How many blocks are worked on at once.</param>
    /// <param name="align">Blocks begin at multiples of this many rows.</param>
    /// <param name="count">How many blocks at most.</param>
    public static RowBlocks Of<T>(SparseRows<T> data, int threads, int align = 1, int count = DefaultCount)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const double RowCost = 8; // a row without entries still costs about as much as this many
        var rows = data.Count;
        var share = (data.Indices.Length + (RowCost * rows)) / count;
        var bounds = new List<int> { 0 };
        for (var i = align; i < rows; i += align)
        {
            if (data.Start(i) + (RowCost * i) >= share * bounds.Count)
            {
                bounds.Add(i);
            }
        }

        bounds.Add(rows);
        return new([.. bounds], threads);
    }

    /// <summary>Runs the work on every block.</summary>
    /// <param name="work">Gets the block's number, its first row and the row after its last.</param>
    public void Run(Action<int, int, int> work)
    {
        if (_parallel.MaxDegreeOfParallelism == 1)
        {
            for (var b = 0; b < Count; b++)
            {
                work(b, _bounds[b], _bounds[b + 1]);
            }

            return;
        }

        Parallel.For(0, Count, _parallel, b => work(b, _bounds[b], _bounds[b + 1]));
    }

    /// <summary>Runs the work on every block and adds up what it returns, in block order.</summary>
    /// <param name="work">Gets the first row and the row after the last; returns the block's share.</param>
    /// <returns>The sum.</returns>
    public double Sum(Func<int, int, double> work)
    {
        var parts = new double[Count];
        Run((block, from, to) => parts[block] = work(from, to));
        var sum = 0.0;
        foreach (var part in parts)
        {
            sum += part;
        }

        return sum;
    }
}
