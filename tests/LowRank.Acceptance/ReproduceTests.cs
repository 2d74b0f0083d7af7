using LowRank.Testing;

namespace LowRank.Acceptance;

/// <summary>Reproductions by the real program.</summary>
public sealed class ReproduceTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("reproduce")]
    [InlineData("report")]
    public void Help_EndsWithExamples(string command) =>
        Assert.Contains("Examples:\n  lowrank rep", Run(command, "--help").Succeeds().Output, StringComparison.Ordinal);

    [Fact]
    public void List_NamesEveryTargetWithItsCost()
    {
        var output = Run("reproduce", "--list").Succeeds().Output;
        Assert.All(["theory-check", "fig1", "fig3", "fig4", "fig5"], id => Assert.Contains($" {id} ", output, StringComparison.Ordinal));
        Assert.Matches("fig5 .* 60 runs, [0-9.]+ (min|h)", output);
    }

    [Fact]
    public void Reproduce_Quick_ShowsVerdictsAndLeavesThePicture()
    {
        var output = Run("reproduce", "theory-check", "--scale", "quick").Succeeds().Output;
        Assert.Contains("9 within the band.", output, StringComparison.Ordinal);
        Assert.True(File.Exists(_scratch["reproduced/theory-check-quick/theory-check.png"]));
        Assert.True(File.Exists(_scratch["reproduced/theory-check-quick/theory-check.svg"]));
        var page = Run("report", "reproduced").Succeeds().Output;
        Assert.Contains("report.html", page, StringComparison.Ordinal);
        Assert.Contains("<svg", File.ReadAllText(_scratch["reproduced/report.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reproduce_Killed_GoesOnAndComesToTheSame()
    {
        using (var killed = CliProcess.Start(_scratch.Path, "reproduce", "fig3", "--seeds", "0-39", "--scale", "quick", "--out", "a"))
        {
            while (Runs("a").Length < 2 && !Exited(killed))
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            killed.Kill();
        }

        var before = Runs("a").ToDictionary(file => file, File.ReadAllText);
        Assert.InRange(before.Count, 2, 39);
        Assert.Contains(
            $"40 runs, {before.Count} of them are there already",
            Run("reproduce", "fig3", "--seeds", "0-39", "--scale", "quick", "--out", "a").Succeeds().Error,
            StringComparison.Ordinal);
        Assert.All(before, file => Assert.Equal(file.Value, File.ReadAllText(file.Key)));
        Assert.Equal(40, Runs("a").Length);
    }

    [Fact]
    public void Reproduce_InParts_JoinsToTheWhole()
    {
        Run("reproduce", "fig3", "--scale", "quick", "--seeds", "0-3", "--shard", "1/2", "--out", "one").Succeeds();
        Run("reproduce", "fig3", "--scale", "quick", "--seeds", "0-3", "--shard", "2/2", "--out", "two").Succeeds();
        Run("report", "one", "two").Succeeds();
        Assert.Equal(4, Runs("one").Length);
        Assert.Contains("4 runs took", File.ReadAllText(_scratch["one/report.md"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Reproduce_BadInput_IsOneLine()
    {
        Run("reproduce", "fig99").Fails(2, "target: got 'fig99'; wanted one of theory-check").InOneLine();
        Run("reproduce").Fails(2, "Name what to make").InOneLine();
        Run("reproduce", "fig3", "--seeds", "x").Fails(2, "--seeds: got 'x'").InOneLine();
        Run("reproduce", "fig3", "--shard", "3/2").Fails(2, "got '3/2'; wanted i/n").InOneLine();
        Run("reproduce", "fig3", "--threads", "0").Fails(2, "got 0; wanted").InOneLine();
        Run("report", "nowhere").Fails(4, "no results; wanted a folder").InOneLine();
        Assert.False(Directory.Exists(_scratch["reproduced"]));
    }

    private CliResult Run(params string[] args) => CliProcess.In(_scratch.Path, "", args);

    private static bool Exited(CliProcess process)
    {
        try
        {
            return System.Diagnostics.Process.GetProcessById(process.Id).HasExited;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    private string[] Runs(string folder)
    {
        var path = _scratch[Path.Combine(folder, "fig3-quick", "runs")];
        return Directory.Exists(path) ? Directory.GetFiles(path, "*.json") : [];
    }
}
