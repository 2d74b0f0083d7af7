using LowRank.Testing;
using LowRank.Transformers.Blocks;
using TorchSharp;

namespace LowRank.Transformers.Tests.Blocks;

public sealed class RowLayoutTests
{
    [Fact]
    public void Pad_Packed_FillsShortTextsWithZeros()
    {
        using var scope = torch.NewDisposeScope();
        using var layout = RowLayout.Packed([0, 2, 3]);
        var padded = layout.Pad(torch.tensor(new float[] { 1, 2, 3 }).unsqueeze(1));
        Assert.Equal([2, 2, 1], padded.shape);
        Assert.Equal([1f, 2, 3, 0], padded.data<float>().ToArray());
        Assert.Equal([1f, 2, 3], layout.Unpad(padded).data<float>().ToArray());
        Assert.Equal((2, 1, 2, 1), (layout.Start(1), layout.Length(1), layout.Longest, layout.Texts - 1));
        Assert.False(layout.IsUniform);
    }

    [Fact]
    public void Pad_UniformWithCapacity_TakesTheRowsInUse()
    {
        using var scope = torch.NewDisposeScope();
        using var layout = RowLayout.Uniform(2, 1, 3);
        var padded = layout.Pad(torch.arange(6, torch.ScalarType.Float32).unsqueeze(1));
        Assert.Equal([0f, 3], padded.contiguous().data<float>().ToArray());
        Assert.Equal((3, 1), (layout.Start(1), layout.Length(1)));
        Assert.Equal([0f, 0], layout.Mask(torch.CPU).data<float>().ToArray());
    }

    [Fact]
    public void Dispose_ReleasesThePaddedForm() => LeakGate.Closed(() =>
    {
        using var layout = RowLayout.Packed([0, 2, 3]);
        using var scope = torch.NewDisposeScope();
        _ = layout.Unpad(layout.Pad(torch.ones(3, 2)));
        _ = layout.Mask(torch.CPU);
    });
}
