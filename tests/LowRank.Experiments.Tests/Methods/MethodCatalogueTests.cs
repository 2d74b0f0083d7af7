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
}
