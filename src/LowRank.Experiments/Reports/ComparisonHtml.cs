using LowRank.Experiments.Comparisons;

namespace LowRank.Experiments.Reports;

/// <summary>A comparison's report as a page: what the Markdown file says, with the pictures in it.</summary>
internal static class ComparisonHtml
{
    public static HtmlReport Of(ComparisonReport report, ComparisonFolder folder, IReadOnlyList<ReportPicture> pictures)
    {
        var conditions = ReportText.Conditions(report);
        var page = new HtmlReport(ReportText.Title, conditions[0]);
        page.Section("In short").List(ReportText.Summary(report)).Paragraph(ReportText.Legend(report));
        page.Section("What was compared").List(conditions.Skip(1));
        if (pictures.Count > 0)
        {
            page.Section("Pictures");
        }

        foreach (var picture in pictures)
        {
            page.Figure(File.ReadAllText(folder.In($"{picture.Name}.svg")), picture.Caption, picture.Description);
        }

        page.Section("Tables");
        foreach (var table in ReportText.Tables(report))
        {
            page.Table(table with { Title = ReportText.Capital(table.Title) });
        }

        var other = report.AtBestRate.Select(result => result.Score.Method).FirstOrDefault(method => method != report.Baseline);
        return page.Section("To go on")
            .Paragraph("In the folder of this report: measure against another method, join the runs of another machine.")
            .Commands($"lowrank compare report . --baseline {other ?? report.Baseline}", "lowrank compare report . OTHER-FOLDER")
            .Paragraph("Every number stands in `report.json`, the text of this page in `report.md`.");
    }
}
