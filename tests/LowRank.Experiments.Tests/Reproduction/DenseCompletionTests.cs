using LowRank.Experiments.Reproduction;
using LowRank.Experiments.Reproduction.Targets;
using LowRank.Testing;
using TorchSharp;

namespace LowRank.Experiments.Tests.Reproduction;

/// <summary>The way of other devices through figure 5, on the CPU: the loops over the known entries are the reference.</summary>
public sealed class DenseCompletionTests : IDisposable
{
    private static readonly Target Target = TargetCatalogue.Find("fig5");
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("compressed")]
    [InlineData("narrow")]
    public void Run_TheQuickMatrix_EndsAsTheLoopsOverEntriesDo(string network)
    {
        var runs = new TargetRuns(Target, new() { Scale = ReproductionScale.Quick, Seeds = [0] }, _scratch.Path);
        var cell = runs.Cells.First(one => one.Labels.Contains(("network", network)));
        runs.Make(cell, cancellation: TestContext.Current.CancellationToken);
        var sparse = runs.Folder.ReadRuns().Single();
        var dense = CompressionAgainstWidth.RunDense(
            ReproductionScale.Quick, int.Parse(cell.Labels.Single(label => label.Name == "rank").Value), network == "narrow", 0, Context());
        Assert.Equal(1, dense.Numbers["reached"]);
        Assert.InRange(dense.Numbers["iterations"], 0.75 * sparse.Number("iterations"), 1.25 * sparse.Number("iterations"));
        Assert.InRange(dense.Numbers["recovery_error"], 0, 1e-8);
    }

    private CellContext Context() =>
        new(1, _scratch["partial"], _ => { }, null, torch.CPU, TestContext.Current.CancellationToken);
}
