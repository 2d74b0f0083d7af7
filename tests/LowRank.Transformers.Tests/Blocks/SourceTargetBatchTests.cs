using LowRank.Tensors;
using LowRank.Testing;
using LowRank.Transformers.Blocks;

namespace LowRank.Transformers.Tests.Blocks;

public sealed class SourceTargetBatchTests
{
    [Fact]
    public void Create_TwoPairs_ShiftsTheTargets() => LeakGate.Closed(() =>
    {
        using var batch = SourceTargetBatch.Create([[5, 1], [6, 7, 1]], [[8, 9, 1], [1]], 0, dropout: Seed.From(3));
        Assert.Equal([5, 1, 6, 7, 1], batch.Source.Ids.data<long>().ToArray());
        Assert.Equal([0, 8, 9, 0], batch.Target.Ids.data<long>().ToArray());
        Assert.Equal([8, 9, 1, 1], batch.Labels.data<long>().ToArray());
        Assert.NotEqual(batch.Source.Dropout, batch.Target.Dropout);
    });

    [Fact]
    public void Create_BadRows_SaysWhich()
    {
        Assert.Contains("got 1; wanted 2, one for each source", Fault([[1], [2]], [[1]]), StringComparison.Ordinal);
        Assert.Contains("targets: row 1 is empty", Fault([[1], [2]], [[1], []]), StringComparison.Ordinal);
        Assert.Contains("targets: row 0 holds a negative", Fault([[1]], [[-100]]), StringComparison.Ordinal);
        Assert.Contains("ids: row 0 is empty", Fault([[]], [[1]]), StringComparison.Ordinal);
    }

    private static string Fault(int[][] sources, int[][] targets) =>
        Assert.Throws<ArgumentException>(() => SourceTargetBatch.Create(sources, targets, 0)).Message;
}
