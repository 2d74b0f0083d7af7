using System.Text.Json.Nodes;
using System.Xml.Linq;
using LowRank.Testing;

namespace LowRank.Acceptance;

/// <summary>The first command of the README: offline, on what comes with the program.</summary>
public sealed class DemoTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Demo_LeavesAReportAndRunsToGoOnWith()
    {
        var said = Run("demo", "--threads", "1", "--out", "shown").Succeeds();
        Assert.Contains("report.html", said.Output, StringComparison.Ordinal);
        var page = File.ReadAllText(_scratch["shown/report.html"]);
        var report = XDocument.Parse(page[page.IndexOf('\n', StringComparison.Ordinal)..]).Root!;
        Assert.Equal(3, report.Descendants("section").Count());
        Assert.Equal(4, report.Descendants("figure").Count());
        var figures = JsonNode.Parse(File.ReadAllText(_scratch["shown/demo.json"]))!;
        var completed = figures["completion"]!["runs"]!.AsArray().Single(run =>
            run!["matrix"]!.GetValue<string>() == "400 x 400" && run["method"]!.GetValue<string>().StartsWith("compressed", StringComparison.Ordinal));
        Assert.InRange(completed!["recovery_error"]!.GetValue<double>(), 0, 1e-6);
        var scores = figures["similarity"]!.AsArray().ToDictionary(
            outcome => outcome!["method"]!.GetValue<string>(), outcome => outcome!["test_score"]!.GetValue<double>());
        Assert.Equal(["head-only", "lora", "deep-lora"], scores.Keys);
        Assert.All(scores.Values, score => Assert.True(score > 0.5, figures.ToJsonString())); // shared words reach 0.42
        var predicted = JsonNode.Parse(Run("predict", "shown/similarity-deep-lora", "--text", "It rained.", "--text-pair", "Rain fell.", "--json").Succeeds().Output)!;
        Assert.InRange(predicted["score"]!.GetValue<double>(), -1, 6);
    }

    [Fact]
    public void Demo_WrongSize_IsRefusedInOneLine() =>
        Run("demo", "completion", "--size", "7").Fails(2, "--size: got 7; wanted 20 to 5000").InOneLine();

    private CliResult Run(params string[] arguments) => CliProcess.In(_scratch.Path, "", arguments);
}
