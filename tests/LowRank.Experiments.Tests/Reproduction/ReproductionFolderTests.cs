using LowRank.Experiments.Comparisons;
using LowRank.Experiments.Reproduction;
using LowRank.Testing;

namespace LowRank.Experiments.Tests.Reproduction;

public sealed class ReproductionFolderTests : IDisposable
{
    private static readonly Target Target = TargetCatalogue.Find("fig3");
    private static readonly ReproductionOptions Quick = new() { Scale = ReproductionScale.Quick, Seeds = [0, 1, 2] };
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Make_Again_GivesTheSameNumbers()
    {
        var (first, second) = (MakeAll("a"), MakeAll("b"));
        Assert.Equal(3, first.Count);
        Assert.Equal(first.Select(record => record.Number("top_end")), second.Select(record => record.Number("top_end")));
    }

    [Fact]
    public void Create_ScalesSideBySide_DoNotMix()
    {
        MakeAll("a");
        var full = new TargetRuns(Target, new(), _scratch["a"]);
        Assert.Equal(full.Cells.Count, full.Missing.Count);
        Assert.Equal(["fig3", "fig3-quick"], ReproductionFolder.OpenAll(_scratch["a"]).Select(folder => Path.GetFileName(folder.Path)));
    }

    [Fact]
    public void Create_OtherSettings_AreRefused()
    {
        MakeAll("a");
        var file = _scratch[Path.Combine("a", "fig3-quick", "settings.json")];
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"steps\": 50", "\"steps\": 49", StringComparison.Ordinal));
        var fault = Assert.Throws<InvalidDataException>(() => new TargetRuns(Target, Quick, _scratch["a"]));
        Assert.Contains("holds runs under other settings: steps is 49 there, 50 here", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Join_PartsOfTwoMachines_AreAllTheRuns()
    {
        MakeAll("one", new(1, 2));
        MakeAll("two", new(2, 2));
        var (one, two) = (ReproductionFolder.OpenAll(_scratch["one"])[0], ReproductionFolder.OpenAll(_scratch["two"])[0]);
        Assert.Equal((2, 1), (one.ReadRuns().Count, two.ReadRuns().Count));
        one.Join(two);
        Assert.Equal([0, 1, 2], one.ReadRuns().Select(record => record.Seed));
    }

    [Fact]
    public void Create_AnotherDevice_HasAFolderOfItsOwn()
    {
        MakeAll("a");
        var there = ReproductionFolder.Create(_scratch["a"], Target, Quick with { Device = "cuda:1" });
        Assert.EndsWith("fig3-quick-cuda", there.Path, StringComparison.Ordinal);
        Assert.Contains("\"device\": \"cuda\"", File.ReadAllText(there.In("settings.json")), StringComparison.Ordinal);
        Assert.Equal([null, "cuda"], ReproductionFolder.OpenAll(_scratch["a"]).Select(folder => folder.Device));
        var here = File.ReadAllText(_scratch[Path.Combine("a", "fig3-quick", "settings.json")]);
        Assert.DoesNotContain("device", here, StringComparison.Ordinal); // as it was before there were devices
    }

    [Fact]
    public void OpenAll_SomethingElse_SaysWhatIsWanted()
    {
        var fault = Assert.Throws<FileNotFoundException>(() => ReproductionFolder.OpenAll(_scratch.Path));
        Assert.Contains("no results; wanted a folder that 'lowrank reproduce' wrote", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WriteAll_OfTwoTargets_IsOnePageWithPictures()
    {
        MakeAll("a");
        var (path, fault) = ReproductionReport.WriteAll(ReproductionFolder.OpenAll(_scratch["a"]), _scratch["a"]);
        Assert.Null(fault);
        var page = File.ReadAllText(path);
        Assert.Contains("<svg", page, StringComparison.Ordinal);
        Assert.Contains("lowrank reproduce fig3 --scale quick --seeds 0,1,2", page, StringComparison.Ordinal);
        Assert.Contains("(fig3-quick/fig3.svg)", File.ReadAllText(_scratch[Path.Combine("a", "report.md")]), StringComparison.Ordinal);
    }

    private IReadOnlyList<CellRecord> MakeAll(string root, Shard? part = null)
    {
        var runs = new TargetRuns(Target, Quick, _scratch[root], part);
        foreach (var cell in runs.Missing)
        {
            runs.Make(cell, cancellation: TestContext.Current.CancellationToken);
        }

        return runs.Folder.ReadRuns();
    }
}
