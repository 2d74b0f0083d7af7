using System.Text.Json.Nodes;
using LowRank.Experiments.Comparisons;
using LowRank.Experiments.Reports;
using LowRank.FineTuning.Training;
using LowRank.Testing;

namespace LowRank.Experiments.Tests.Comparisons;

public sealed class MethodComparisonTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Run_SameSeed_StartsEveryMethodFromTheSameRowsAndHead()
    {
        using var comparison = new MethodComparison(TinyComparison.Write(_scratch));
        foreach (var paired in comparison.Cells.GroupBy(cell => (cell.Samples, cell.Seed)))
        {
            var losses = paired.Select(cell => comparison.Run(cell, Token).FirstLoss).ToList();
            Assert.All(losses, loss => Assert.Equal(losses[0], loss, 1e-6));
        }
    }

    [Fact]
    public void Run_WhateverRanBefore_GivesTheSame()
    {
        var options = TinyComparison.Write(_scratch);
        using var first = new MethodComparison(options);
        var backwards = first.Cells.Reverse().ToDictionary(cell => cell, cell => first.Run(cell, Token));
        using var second = new MethodComparison(options);
        foreach (var cell in second.Cells)
        {
            Assert.Equal(WithoutCost(backwards[cell]), WithoutCost(second.Run(cell, Token)));
        }
    }

    [Fact]
    public void Run_Result_HoldsWhatHappened()
    {
        using var comparison = new MethodComparison(TinyComparison.Write(_scratch));
        var run = comparison.Run(comparison.Cells[0], Token);
        Assert.Equal((StopReason.Completed, 4), (run.Outcome, run.Steps));
        Assert.Contains(run.KeptStep, new[] { 2, 4 });
        Assert.Equal([1, 2, 3, 4], run.LossCurve.Select(point => (int)point[0]));
        Assert.Equal(run.FirstLoss, run.LossCurve[0][1], 1e-6);
        Assert.Contains("accuracy", run.Test.Keys);
        Assert.Contains("accuracy", run.Validation.Keys);
        Assert.Equal([0.5, 0.1], run.StepsToLoss.Select(level => level.Share));
        Assert.True(run.TrainableParameters > 0 && run.Cost.Seconds > 0);
    }

    [Fact]
    public void Run_AbsurdLearningRate_IsAResult()
    {
        var options = TinyComparison.Write(_scratch, numbers: true) with { Methods = ["lora"], LearningRates = [new(1e30, false)] };
        using var comparison = new MethodComparison(options);
        var folder = ComparisonFolder.Create(_scratch["out"], comparison.Settings);
        var run = comparison.Run(comparison.Cells.First(cell => cell.LearningRate > 1), Token);
        Assert.NotEqual(StopReason.Completed, run.Outcome);
        folder.Write(run);
        var report = ComparisonReport.Of(folder);
        Assert.Equal(1, report.Scores.Single().Diverged);
        Assert.True(double.IsFinite(report.Scores.Single().Test.Mean));
    }

    [Fact]
    public void Run_Stopped_LeavesNothing()
    {
        using var comparison = new MethodComparison(TinyComparison.Write(_scratch));
        Assert.Throws<OperationCanceledException>(() => comparison.Run(comparison.Cells[0], new CancellationToken(true)));
    }

    [Fact]
    public void Constructor_RankThatDoesNotFit_IsRefusedBeforeTheFirstRun()
    {
        var options = TinyComparison.Write(_scratch) with { Ranks = [2, 3] };
        LeakGate.Closed(() =>
        {
            var error = Assert.ThrowsAny<ArgumentException>(() => new MethodComparison(options));
            Assert.Contains("got 3; wanted an even number", error.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Run_Repeated_LeaksNothing()
    {
        using var comparison = new MethodComparison(TinyComparison.Write(_scratch));
        comparison.Run(comparison.Cells[0], Token);
        LeakGate.Closed(() => comparison.Run(comparison.Cells[0], Token));
    }

    [Fact]
    public void Join_Shards_IsTheUnshardedComparisonButForItsCost()
    {
        var options = TinyComparison.Write(_scratch);
        var whole = Make(options, "whole", null);
        var parts = Enumerable.Range(1, 3).Select(number => Make(options, $"part-{number}", new Shard(number, 3))).ToList();
        parts.Skip(1).ToList().ForEach(parts[0].Join);
        Assert.Equal(
            whole.ReadRuns().Select(WithoutCost),
            parts[0].ReadRuns().Select(WithoutCost));
        ReportFiles.Write(ComparisonReport.Of(whole), whole);
        ReportFiles.Write(ComparisonReport.Of(parts[0]), parts[0]);
        Assert.Equal(WordsBeforeCost("whole"), WordsBeforeCost("part-1"));
        Assert.Equal(NumbersButCost("whole"), NumbersButCost("part-1"));
        foreach (var file in new[] { "comparison.json", "score-by-rows.png", "score-by-rate.png" })
        {
            Assert.Equal(File.ReadAllBytes(_scratch[$"whole/{file}"]), File.ReadAllBytes(_scratch[$"part-1/{file}"]));
        }
    }

    [Fact]
    public void Create_OtherSettings_AreRefusedInOneLine()
    {
        var options = TinyComparison.Write(_scratch);
        using var comparison = new MethodComparison(options);
        ComparisonFolder.Create(_scratch["out"], comparison.Settings);
        using var longer = new MethodComparison(options with
        {
            Common = options.Common with { Training = options.Common.Training with { Steps = 9 } },
        });
        var error = Assert.Throws<InvalidDataException>(() => ComparisonFolder.Create(_scratch["out"], longer.Settings));
        Assert.Contains("common.training.steps is 4 there, 9 here", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Create_LargerGrid_GoesOn()
    {
        var options = TinyComparison.Write(_scratch) with { Methods = ["lora"], Samples = [6] };
        Make(options, "out", null);
        var folder = Make(options with { Seeds = [0, 1, 2] }, "out", null);
        Assert.Equal(2 * 3, folder.ReadRuns().Count); // the rate and the default, three seeds
    }

    [Fact]
    public void Create_FolderOfSomethingElse_IsLeftAlone()
    {
        using var comparison = new MethodComparison(TinyComparison.Write(_scratch));
        Assert.Throws<IOException>(() => ComparisonFolder.Create(_scratch["model"], comparison.Settings));
        Assert.Throws<FileNotFoundException>(() => ComparisonFolder.Open(_scratch["model"]));
    }

    private ComparisonFolder Make(ComparisonOptions options, string name, Shard? shard)
    {
        using var comparison = new MethodComparison(options);
        var folder = ComparisonFolder.Create(_scratch[name], comparison.Settings);
        foreach (var cell in (shard?.Of(comparison.Cells) ?? comparison.Cells).Where(cell => !folder.Has(cell)))
        {
            folder.Write(comparison.Run(cell, Token));
        }

        return folder;
    }

    private string WordsBeforeCost(string folder) =>
        File.ReadAllText(_scratch[$"{folder}/report.md"]).Split("## Cost")[0];

    private string NumbersButCost(string folder)
    {
        var report = JsonNode.Parse(File.ReadAllText(_scratch[$"{folder}/report.json"]))!.AsObject();
        Assert.True(report.Remove("cost"));
        return report.ToJsonString();
    }

    private static string WithoutCost(ComparisonRun run) => ExperimentJson.ToText(run with { Cost = new(0, 0, 0) });
}
