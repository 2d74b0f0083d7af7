using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Tests.Tensors;

public sealed class ComputeDeviceTests
{
    [Theory]
    [InlineData("cpu", "cpu")]
    [InlineData("CPU", "cpu")]
    [InlineData(" cuda ", "cuda")]
    [InlineData("cuda:0", "cuda")]
    [InlineData("cuda:1", "cuda:1")]
    [InlineData("Cuda:12", "cuda:12")]
    public void Parse_ADevice_GivesItsOneSpelling(string text, string word) => Assert.Equal(word, ComputeDevice.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:+1")]
    [InlineData("cuda:one")]
    [InlineData("cuda:99999999999")]
    [InlineData("cpu:0")]
    [InlineData("mps")]
    public void Parse_SomethingElse_SaysWhatIsWanted(string text)
    {
        var fault = Assert.Throws<ArgumentException>(() => ComputeDevice.Parse(text));
        Assert.Equal($"device: got '{text}'; wanted cpu, cuda, or cuda:N with a card's number, such as cuda:1.", fault.Message);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("cpu")]
    public void Open_TheProcessor_IsAlwaysThere(string? name) => Assert.Equal(DeviceType.CPU, ComputeDevice.Open(name).type);

    [Fact]
    public void Open_NoCudaInLibtorch_SaysWhatToDo()
    {
        Assert.SkipWhen(ComputeDevice.HasCuda(), "this libtorch has CUDA");
        Assert.Equal(0, ComputeDevice.CountCards());
        var fault = Assert.Throws<PlatformNotSupportedException>(() => ComputeDevice.Open("cuda"));
        Assert.Contains("device cuda: got a libtorch without CUDA; wanted one with it.", fault.Message, StringComparison.Ordinal);
        Assert.Contains("-p:LibTorch=cuda", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public void Open_ACardTooFar_SaysHowManyThereAre()
    {
        Assert.SkipUnless(ComputeDevice.CountCards() > 0, "no CUDA card here");
        var fault = Assert.Throws<PlatformNotSupportedException>(() => ComputeDevice.Open("cuda:1000"));
        Assert.Contains("wanted a number below", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadNumbers_OfAView_AreInTheOrderOfTheIndices()
    {
        using var scope = torch.NewDisposeScope();
        var matrix = torch.arange(6, torch.float64).view(2, 3);
        Assert.Equal([0, 3, 1, 4, 2, 5], matrix.t().ReadNumbers<double>());
        Assert.Equal(4, matrix[1, 1].ReadNumber<double>());
    }
}
