using LowRank.Experiments.Reproduction;
using LowRank.Tensors;
using LowRank.Testing;
using TorchSharp;

namespace LowRank.Experiments.Tests.Reproduction;

/// <summary>Every target at its quick scale, held against its own expected values.</summary>
public sealed class TargetTests : IDisposable
{
    private static readonly ReproductionOptions Quick = new() { Scale = ReproductionScale.Quick };
    private readonly ScratchFolder _scratch = new();

    public static TheoryData<string> Ids => [.. TargetCatalogue.All.Select(target => target.Id)];

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [MemberData(nameof(Ids))]
    public void Quick_EveryNumberWithABand_IsWithinIt(string id)
    {
        var runs = new TargetRuns(TargetCatalogue.Find(id), Quick, _scratch.Path);
        foreach (var cell in runs.Missing)
        {
            runs.Make(cell, cancellation: TestContext.Current.CancellationToken);
        }

        Assert.Empty(runs.Missing);
        var (outcome, fault) = ReproductionReport.Write(runs.Folder);
        Assert.Null(fault);
        Assert.Empty(outcome.Findings.Where(finding => finding.Verdict is Verdict.Outside or Verdict.Missing)
            .Select(finding => $"{finding.Name}: {finding.OursText}, wanted {finding.BandText}"));
        Assert.Contains(outcome.Findings, finding => finding.Verdict == Verdict.Within);
        Assert.True(File.Exists(runs.Folder.In($"{id}.png")));
        var svg = File.ReadAllText(runs.Folder.In($"{id}.svg"));
        Assert.StartsWith("<?xml", svg, StringComparison.Ordinal);
        Assert.InRange(svg.Length, 1_000, 600_000);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Run_OnADeviceWithoutNumbers_Fails(string id)
    {
        // A run that leaves the device aside would end well.
        var kinds = TargetCatalogue.Find(id).Cells(Quick with { Seeds = [0] }).DistinctBy(cell => string.Join(' ', cell.Labels.Select(label => label.Name)));
        foreach (var cell in kinds)
        {
            var context = new CellContext(1, _scratch["partial"], _ => { }, null, torch.META, TestContext.Current.CancellationToken);
            var fault = Record.Exception(() => cell.Run(context));
            Assert.True(fault is not null, cell.Key);
            Assert.Contains("meta", fault.Message, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Theory]
    [InlineData("fig4")]
    [InlineData("fig5")]
    public void Quick_OnACard_GivesTheNumbersOfTheProcessor(string id)
    {
        Assert.SkipUnless(ComputeDevice.CountCards() > 0, "no CUDA card here");
        var records = new[] { null, "cuda" }.Select(device =>
        {
            var runs = new TargetRuns(TargetCatalogue.Find(id), Quick with { Device = device }, _scratch.Path, new(1, 4));
            runs.Make(runs.Missing[0], cancellation: TestContext.Current.CancellationToken);
            return runs.Folder.ReadRuns().Single();
        }).ToList();
        Assert.InRange(records[1].Number("iterations") / records[0].Number("iterations"), 0.75, 1.25);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Cells_HaveKeysOfTheirOwn(string id)
    {
        foreach (var scale in Enum.GetValues<ReproductionScale>())
        {
            var cells = TargetCatalogue.Find(id).Cells(new() { Scale = scale, Seeds = [0, 1] });
            Assert.Equal(cells.Count, cells.Select(cell => cell.Key).Distinct(StringComparer.OrdinalIgnoreCase).Count());
            Assert.All(cells, cell => Assert.DoesNotContain(cell.Key, character => Path.GetInvalidFileNameChars().Contains(character)));
            Assert.All(cells, cell => Assert.True(cell.Seconds > 0));
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Judge_WithoutRuns_SaysThatAllIsMissing(string id)
    {
        var target = TargetCatalogue.Find(id);
        foreach (var scale in Enum.GetValues<ReproductionScale>())
        {
            Assert.All(target.Judge([], new() { Scale = scale }).Findings, finding => Assert.Equal(Verdict.Missing, finding.Verdict));
        }
    }

    [Fact]
    public void Find_UnknownId_ListsAll()
    {
        var fault = Assert.Throws<ArgumentException>(() => TargetCatalogue.Find("fig99"));
        Assert.Contains("got 'fig99'; wanted one of theory-check, fig1,", fault.Message, StringComparison.Ordinal);
    }
}
