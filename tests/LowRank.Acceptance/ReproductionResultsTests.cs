using System.Text.RegularExpressions;
using LowRank.Testing;

namespace LowRank.Acceptance;

/// <summary>The committed reproductions: what their report and the guide say is what the runs gave.</summary>
public sealed partial class ReproductionResultsTests
{
    private const string Results = "results/reproduce";

    [Fact]
    public void Report_IsWhatTheCommittedRunsGive()
    {
        using var scratch = new ScratchFolder();
        var source = Path.Combine(Repository.Root, Results);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(scratch.Path, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        CliProcess.In(scratch.Path, "", "report", ".").Succeeds();
        Assert.Equal(Repository.Read($"{Results}/report.md"), File.ReadAllText(scratch["report.md"]));
    }

    [Fact]
    public void Numbers_OfTheGuide_AreInTheReport()
    {
        var guide = Repository.Read("docs/reproduction.md");
        var start = guide.IndexOf("## What holds", StringComparison.Ordinal);
        var section = guide[start..guide.IndexOf("\n## ", start + 1, StringComparison.Ordinal)];
        var report = Numbers().Matches(Repository.Read($"{Results}/report.md")).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);
        var quoted = Numbers().Matches(section).Select(match => match.Value).ToList();
        Assert.NotEmpty(quoted);
        Assert.DoesNotContain(quoted, number => !report.Contains(number));
    }

    [Fact]
    public void Overview_OfTheGuide_IsTheReports()
    {
        var report = Repository.Read($"{Results}/report.md");
        var start = report.IndexOf("| target |", StringComparison.Ordinal);
        var overview = report[start..report.IndexOf("\n\n", start, StringComparison.Ordinal)];
        Assert.Contains(overview, Repository.Read("docs/reproduction.md"), StringComparison.Ordinal);
    }

    // Numbers that were measured have a point, a thousands' comma or an exponent; ranks and counts of factors have none.
    [GeneratedRegex(@"\d+(?:,\d{3})+(?:\.\d+)?|\d+\.\d+(?:e[+-]?\d+)?|\d+e[+-]?\d+")]
    private static partial Regex Numbers();
}
