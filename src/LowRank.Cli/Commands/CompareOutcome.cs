using LowRank.Cli.Terminal;
using LowRank.Experiments.Comparisons;
using LowRank.Experiments.Reports;

namespace LowRank.Cli.Commands;

/// <summary>Writes a comparison's report and shows what matters of it.</summary>
internal sealed class CompareOutcome(Screen screen, bool json)
{
    public void Show(ComparisonReport report, ComparisonFolder folder)
    {
        var (path, fault) = ReportFiles.Write(report, folder);
        if (fault is not null)
        {
            screen.Note(fault);
        }

        if (json)
        {
            Console.Out.Write(ReportFiles.ToJson(report));
            return;
        }

        foreach (var line in ReportText.Conditions(report))
        {
            screen.Line(line);
        }

        foreach (var table in ReportText.Tables(report))
        {
            screen.Line();
            screen.Line(table.Title);
            screen.Table(table.Headings, table.Rows, table.LeftAligned);
        }

        foreach (var line in ReportText.Verdicts(report))
        {
            screen.Line(line);
        }

        screen.Line($"report: {path}, and report.html beside it with the pictures in it");
    }
}
