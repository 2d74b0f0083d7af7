using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using TorchSharp;

namespace LowRank.Transformers.Tests.Blocks;

public sealed class RandomMaskTests
{
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Create_ManyElements_DropsTheRateAndKeepsTheMean(double rate)
    {
        using var scope = torch.NewDisposeScope();
        var mask = RandomMask.Create([1000, 1000], rate, Seed.From(1), torch.ScalarType.Float32, torch.CPU);
        var sigma = Math.Sqrt(rate * (1 - rate) / 1e6);
        var dropped = (mask == 0).to(torch.ScalarType.Float64).mean().item<double>();
        var mean = mask.to(torch.ScalarType.Float64).mean().item<double>();
        Assert.InRange(dropped, rate - (5 * sigma), rate + (5 * sigma));
        Assert.InRange(mean * (1 - rate), 1 - rate - (6 * sigma), 1 - rate + (6 * sigma));
    }

    [Fact]
    public void Create_RowsAndColumns_AreNotCorrelated()
    {
        using var scope = torch.NewDisposeScope();
        var mask = RandomMask.Create([1024, 1024], 0.5, Seed.From(2), torch.ScalarType.Float32, torch.CPU) - 1;
        foreach (var shift in new[] { 1, 2, 8, 16, 1024 })
        {
            var flat = mask.flatten();
            var correlation = (flat[..^shift] * flat[shift..]).mean().item<float>();
            Assert.InRange(correlation, -0.006f, 0.006f); // 6 sigma of 2^20 products
        }
    }

    [Fact]
    public void Fill_ShorterRun_IsThePrefixOfALongerOne()
    {
        var whole = new float[100];
        var part = new float[37];
        RandomMask.Fill(whole, 0.3, Seed.From(4));
        RandomMask.Fill(part, 0.3, Seed.From(4));
        Assert.Equal(whole[..37], part);
    }

    [Fact]
    public void Fill_KnownSeed_GivesTheRecordedMask()
    {
        var mask = new float[24];
        RandomMask.Fill(mask, 0.25, Seed.From(42));
        Assert.Equal(RecordedMask, string.Concat(mask.Select(value => value == 0 ? '0' : '1')));
        Assert.All(mask.Where(value => value != 0), value => Assert.Equal(4f / 3, value, 1e-6f));
    }

    // Any change of the stream breaks the resumption of older runs: it must be seen.
    private const string RecordedMask = "111111100011101101101101";
}
