using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Transformers.Tests.Blocks;

/// <summary>The masks of other devices; whole numbers give the same bits there as here.</summary>
public sealed class HashedMaskTests
{
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    public void Create_ManyEntries_DropsTheRateAndKeepsTheMean(double rate)
    {
        var mask = Mask([1000, 1000], rate, Seed.From(1));
        var dropped = mask.Count(value => value == 0) / 1e6;
        Assert.Equal(rate, dropped, 0.002); // four deviations
        Assert.All(mask.Distinct(), value => Assert.True(value == 0 || Math.Abs(value - (1 / (1 - rate))) < 1e-6));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(1000)]
    public void Create_EntriesApart_AreIndependent(int distance)
    {
        var mask = Mask([1000, 1000], 0.5, Seed.From(2)).Select(value => value - 1).ToArray();
        var product = mask.Skip(distance).Zip(mask, (a, b) => a * b).Average();
        Assert.Equal(0, product, 0.005);
    }

    [Fact]
    public void Create_NeighbouringSeeds_AreIndependent()
    {
        var (one, other) = (Mask([1_000_000], 0.5, Seed.From(3)), Mask([1_000_000], 0.5, Seed.From(3).For(1)));
        Assert.Equal(0, one.Zip(other, (a, b) => (a - 1) * (b - 1)).Average(), 0.005);
    }

    [Fact]
    public void Create_SameSeed_GivesTheHashOfEachPlace()
    {
        var seed = Seed.From(4);
        var wanted = Enumerable.Range(0, 100).Select(place => Kept(place, seed, 0.25) ? 1 / 0.75f : 0);
        Assert.Equal(wanted, Mask([4, 25], 0.25, seed));
    }

    [Fact]
    public void Create_NoRate_KeepsAll() => Assert.All(Mask([1000], 0, Seed.From(5)), value => Assert.Equal(1, value));

    private static float[] Mask(long[] shape, double rate, Seed seed)
    {
        using var mask = HashedMask.Create(shape, rate, seed, torch.float32, torch.CPU);
        Assert.Equal(shape, mask.shape);
        return mask.data<float>().ToArray();
    }

    // The same in plain numbers.
    private static bool Kept(long place, Seed seed, double rate)
    {
        unchecked
        {
            var bits = (place * ((long)seed.For("factor").Value | 1)) + (long)seed.For("start").Value;
            bits = (bits ^ (bits >> 32)) * (long)0xBF58476D1CE4E5B9;
            bits = (bits ^ (bits >> 29)) * (long)0x94D049BB133111EB;
            return bits >= (long)((rate * 18446744073709551616.0) - 9223372036854775808.0);
        }
    }
}
