using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using TorchSharp;

namespace LowRank.Transformers.Tests.Blocks;

public sealed class TokenBatchTests
{
    [Fact]
    public void Create_TwoRows_LaysThemEndToEnd()
    {
        using var batch = TokenBatch.Create([[5, 6, 7], [8, 9]], [[0, 0, 1], [1, 1]], dropout: Seed.From(3));
        Assert.Equal([5, 6, 7, 8, 9], batch.Ids.data<long>().ToArray());
        Assert.Equal([0, 0, 1, 1, 1], batch.TypeIds.data<long>().ToArray());
        Assert.Equal([0, 1, 2, 0, 1], batch.Positions.data<long>().ToArray());
        Assert.Equal([0, 3], batch.FirstTokens.data<long>().ToArray());
        Assert.Equal([0, 3, 5], batch.Offsets);
        Assert.Equal((2, 5, 3, 9, 1), (batch.Rows, batch.Tokens, batch.Longest, batch.LargestId, batch.LargestType));
        Assert.Equal(Seed.From(3), batch.Dropout);
    }

    [Fact]
    public void Create_InsideAScope_OutlivesIt()
    {
        TokenBatch batch;
        using (torch.NewDisposeScope())
        {
            batch = TokenBatch.Create([[1], [2, 3]]);
            _ = batch.Layout.Pad(torch.ones(3, 1));
            _ = batch.Layout.Mask(torch.CPU);
        }

        using var scope = torch.NewDisposeScope();
        Assert.Equal([1f, 0, 1, 1], batch.Layout.Pad(torch.ones(3, 1)).data<float>().ToArray());
        Assert.True(float.IsNegativeInfinity(batch.Layout.Mask(torch.CPU)[0, 0, 0, 1].item<float>()));
        batch.Dispose();
    }

    [Fact]
    public void Dispose_ReleasesEveryTensor()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var batch = TokenBatch.Create([[1], [2, 3]]);
        using (torch.NewDisposeScope())
        {
            _ = batch.Layout.Pad(torch.ones(3, 1));
            _ = batch.Layout.Mask(torch.CPU);
        }

        batch.Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Create_BadRows_SaysWhich()
    {
        Assert.Contains("no rows", Fault([]), StringComparison.Ordinal);
        Assert.Contains("row 1 is empty", Fault([[1], []]), StringComparison.Ordinal);
        Assert.Contains("row 0 holds a negative token id", Fault([[-1]]), StringComparison.Ordinal);
        Assert.Contains("got 1 rows; wanted 2", Fault([[1], [2]], [[0]]), StringComparison.Ordinal);
        Assert.Contains("row 1 has 2 types; wanted 1", Fault([[1], [2]], [[0], [0, 0]]), StringComparison.Ordinal);
        Assert.Contains("row 0 holds a negative type", Fault([[1]], [[-1]]), StringComparison.Ordinal);
    }

    private static string Fault(int[][] ids, int[][]? types = null) =>
        Assert.Throws<ArgumentException>(() => TokenBatch.Create(ids, types)).Message;
}
