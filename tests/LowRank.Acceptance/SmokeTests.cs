using TorchSharp;

namespace LowRank.Acceptance;

public sealed class SmokeTests
{
    [Fact]
    public void Native_Loads() => Assert.Equal(8f, torch.ones(2, 2).mm(torch.ones(2, 2)).sum().item<float>());
}
