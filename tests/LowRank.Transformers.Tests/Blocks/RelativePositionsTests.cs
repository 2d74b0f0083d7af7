using LowRank.Transformers.Blocks;
using TorchSharp;

namespace LowRank.Transformers.Tests.Blocks;

public sealed class RelativePositionsTests
{
    // By the formula of the paper's code, 32 buckets to distance 128.
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(-1, 1, 1)]
    [InlineData(-7, 7, 7)]
    [InlineData(-8, 8, 8)]
    [InlineData(-16, 10, 16)]
    [InlineData(-20, 10, 17)]
    [InlineData(-32, 12, 21)]
    [InlineData(-64, 14, 26)]
    [InlineData(-127, 15, 31)]
    [InlineData(-5000, 15, 31)]
    [InlineData(1, 17, 0)]
    [InlineData(16, 26, 0)]
    [InlineData(5000, 31, 0)]
    public void Bucket_OfADistance_IsThePapers(int distance, int bothWays, int oneWay)
    {
        using var table = Layers.Embedding(32, 1);
        Assert.Equal(bothWays, new RelativePositions(table, 32, 128, true).Bucket(distance));
        Assert.Equal(oneWay, new RelativePositions(table, 32, 128, false).Bucket(distance));
    }

    [Fact]
    public void Bias_FewerQueriesThanKeys_IsThatOfTheLast()
    {
        using var scope = torch.NewDisposeScope();
        var table = Layers.Embedding(8, 2);
        using (torch.no_grad())
        {
            _ = table.weight!.copy_(torch.arange(16, torch.float32).view(8, 2));
        }

        var positions = new RelativePositions(table, 8, 128, false);
        AttentionShape Shape(int queries, int keys) =>
            new(RowLayout.Uniform(1, queries), RowLayout.Uniform(1, keys), 2, 1, 0, default);

        // The last query of three meets keys at distances -2, -1 and 0.
        Assert.Equal([2, 3], positions.Bias(Shape(1, 3)).shape);
        Assert.Equal([4f, 2, 0, 5, 3, 1], positions.Bias(Shape(1, 3)).data<float>().ToArray());
        Assert.Equal([4f, 2, 0, 0, 0, 5, 3, 1, 1, 1], positions.Bias(Shape(3, 3)).data<float>().ToArray());
    }
}
