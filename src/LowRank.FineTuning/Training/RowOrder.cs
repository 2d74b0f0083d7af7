using LowRank.Tensors;

namespace LowRank.FineTuning.Training;

/// <summary>Which rows each step trains on: a new order every epoch, a pure function of the seed and the step.</summary>
internal sealed class RowOrder(int rows, int rowsPerStep, Seed seed)
{
    private int _epoch = -1;
    private int[] _order = [];

    /// <summary>The rows of a step, from 0; the last step of an epoch takes what is left.</summary>
    internal ArraySegment<int> At(int step)
    {
        var perEpoch = (rows + rowsPerStep - 1) / rowsPerStep;
        var epoch = step / perEpoch;
        if (epoch != _epoch)
        {
            _order = [.. Enumerable.Range(0, rows)];
            seed.For(epoch).Random().Shuffle(_order);
            _epoch = epoch;
        }

        var start = step % perEpoch * rowsPerStep;
        return new ArraySegment<int>(_order, start, Math.Min(rowsPerStep, rows - start));
    }
}
