using LowRank.Adapters;
using LowRank.Experiments.Methods;

namespace LowRank.Experiments.Tests.Methods;

public sealed class MethodCatalogueTests
{
    [Fact]
    public void All_Names_AreDifferentAndFindThemselves()
    {
        Assert.Equal(MethodCatalogue.All.Count, MethodCatalogue.All.Select(method => method.Name).Distinct().Count());
        foreach (var method in MethodCatalogue.All)
        {
            Assert.Same(method, MethodCatalogue.Find(method.Name.ToUpperInvariant()));
            Assert.DoesNotContain('_', method.Name); // it separates the parts of a run's file name
        }
    }

    [Fact]
    public void All_Ranks_ReachTheAdapter()
    {
        foreach (var method in MethodCatalogue.All.Where(method => method.HasRank))
        {
            Assert.Equal(6, Assert.IsType<FactorOptions>(method.Create(6), exactMatch: false).Rank);
        }
    }

    [Fact]
    public void RanksOf_MethodWithoutRanks_RunsOnce()
    {
        Assert.Equal([0], MethodCatalogue.Find("deep-lora-wide").RanksOf([2, 4]));
        Assert.Equal([2, 4], MethodCatalogue.Find("lora").RanksOf([2, 4]));
    }

    [Fact]
    public void Find_Colon_IsADash() =>
        Assert.Equal(DeepLoraForm.Narrow, Assert.IsType<DeepLoraOptions>(MethodCatalogue.Find("deep-lora:narrow").Create(8)).Form);

    [Fact]
    public void Find_Unknown_ListsWhatThereIs()
    {
        var error = Assert.Throws<ArgumentException>(() => MethodCatalogue.Find("prompt-tuning"));
        Assert.Contains("got 'prompt-tuning'; wanted any of lora, rslora", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_Options_ReachTheAdapterAndTheName()
    {
        var method = MethodCatalogue.Find("Deep-LoRA+Gamma=0.10+depth=2+compression-batches=4+initial-scale=1e-2");
        Assert.Equal("deep-lora+gamma=0.1+depth=2+compression-batches=4+initial-scale=0.01", method.Name);
        Assert.Equal(
            new DeepLoraOptions { Rank = 6, OuterRateRatio = 0.1, Depth = 2, CompressionBatches = 4, InitialScale = 0.01 },
            method.Create(6));
        Assert.Equal(new LoraOptions { Rank = 6, Alpha = 12, RateRatioB = 16 }, MethodCatalogue.Find("lora+alpha=12+loraplus-ratio=16").Create(6));
        Assert.Equal(MethodCatalogue.PlaceOf("deep-lora"), MethodCatalogue.PlaceOf(method.Name));
    }

    [Theory]
    [InlineData("lora+gamma=0.1", "wanted a number for any of alpha, loraplus-ratio, such as lora+alpha=0.1")]
    [InlineData("deep-lora-narrow+gamma=0.1", "wanted a number for any of depth, initial-scale")]
    [InlineData("deep-lora+gamma", "got 'deep-lora+gamma'")]
    [InlineData("deep-lora+gamma=much", "got 'deep-lora+gamma=much'")]
    [InlineData("head-only+alpha=1", "wanted 'head-only' alone")]
    public void Find_WrongOption_SaysWhatThereIs(string name, string said)
    {
        var error = Assert.Throws<ArgumentException>(() => MethodCatalogue.Find(name));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_HalfADepth_IsRefused() =>
        Assert.Throws<ArgumentException>(() => MethodCatalogue.Find("deep-lora+depth=2.5").Create(8));
}
