using LowRank.Experiments.Comparisons;
using LowRank.Tensors;

namespace LowRank.Experiments.Reports;

/// <summary>Writes a report into its folder: <c>report.md</c>, <c>report.html</c>, <c>report.json</c>, and pictures.</summary>
public static class ReportFiles
{
    /// <summary>Writes all of it.</summary>
    /// <param name="report">The report.</param>
    /// <param name="folder">The folder.</param>
    /// <returns>The report file's path; and why pictures could not be drawn, where they could not.</returns>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static (string Path, string? Fault) Write(ComparisonReport report, ComparisonFolder folder)
    {
        Check.NotNull(report);
        Check.NotNull(folder);
        var (pictures, fault) = Draw(report, folder);
        ExperimentJson.Write(folder.In("report.json"), report);
        AtomicFile.WriteText(
            folder.In("report.md"), ReportText.ToMarkdown(report, [.. pictures.Select(picture => $"{picture.Name}.png")]));
        ComparisonHtml.Of(report, folder, pictures).Write(folder.In("report.html"));
        return (folder.In("report.md"), fault);
    }

    /// <summary>The report as JSON.</summary>
    /// <param name="report">The report.</param>
    /// <returns>The text of <c>report.json</c>.</returns>
    public static string ToJson(ComparisonReport report) => ExperimentJson.ToText(Check.NotNull(report));

    // A machine without the drawing library's native half still gets every number.
    private static (IReadOnlyList<ReportPicture> Pictures, string? Fault) Draw(ComparisonReport report, ComparisonFolder folder)
    {
        try
        {
            return (new ReportPlots(report, folder).Write(), null);
        }
        catch (Exception error) when (error is TypeInitializationException or DllNotFoundException)
        {
            return ([], $"The pictures could not be drawn ({error.Message}); report.json has their numbers.");
        }
    }
}
