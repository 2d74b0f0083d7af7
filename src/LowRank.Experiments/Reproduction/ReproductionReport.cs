using System.Text;
using LowRank.Experiments.Reports;
using LowRank.Experiments.Reports.Figures;
using LowRank.Tensors;

namespace LowRank.Experiments.Reproduction;

/// <summary>Writes what runs say: an outcome with its picture per target, and a report over several targets.</summary>
public static class ReproductionReport
{
    private const string Title = "What was reproduced";

    private const string Lead = "Our numbers beside those of Compressible Dynamics in Deep Overparameterized Low-Rank Learning & Adaptation "
        + "(Yaras, Wang, Balzano, Qu, ICML 2024), each with the band it should lie in.";

    /// <summary>Judges a target's runs, and writes <c>outcome.json</c> and the picture into its folder.</summary>
    /// <param name="folder">The target's folder.</param>
    /// <returns>The outcome; and why the picture could not be drawn, where it could not.</returns>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="InvalidDataException">A run's file is malformed.</exception>
    public static (TargetOutcome Outcome, string? Fault) Write(ReproductionFolder folder)
    {
        var outcome = Check.NotNull(folder).Target.Judge(folder.ReadRuns(), folder.Options);
        ExperimentJson.Write(folder.In("outcome.json"), outcome.Findings);
        return (outcome, Draw(folder, outcome));
    }

    /// <summary>Writes one report over all targets: <c>report.html</c>, which needs nothing else, and <c>report.md</c>.</summary>
    /// <param name="folders">The targets' folders.</param>
    /// <param name="root">Where the report goes; the folder that holds the targets' folders.</param>
    /// <returns>The page's path; and why pictures could not be drawn, where they could not.</returns>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="InvalidDataException">A run's file is malformed.</exception>
    public static (string Path, string? Fault) WriteAll(IReadOnlyList<ReproductionFolder> folders, string root)
    {
        string? fault = null;
        List<(ReproductionFolder Folder, IReadOnlyList<CellRecord> Records, TargetOutcome Outcome)> all = [];
        foreach (var folder in Check.NotNull(folders))
        {
            var (outcome, drawn) = Write(folder);
            fault ??= drawn;
            all.Add((folder, folder.ReadRuns(), outcome));
        }

        var overview = ReproductionText.Overview(all);
        var page = new HtmlReport(Title, Lead).Table(overview);
        var text = new StringBuilder($"# {Title}\n\n{Lead}\n\n{overview.ToMarkdown()}\n");
        foreach (var (folder, records, outcome) in all)
        {
            AddTo(page, folder, records, outcome);
            text.Append(ReproductionText.ToMarkdown(folder, records, outcome, RelativeTo(root, PictureOf(folder)))).Append('\n');
        }

        AtomicFile.WriteText(Path.Combine(root, "report.md"), text.ToString());
        var path = Path.Combine(root, "report.html");
        page.Write(path);
        return (path, fault);
    }

    private static void AddTo(
        HtmlReport page, ReproductionFolder folder, IReadOnlyList<CellRecord> records, TargetOutcome outcome)
    {
        page.Section(ReproductionText.Title(folder)).Paragraph($"{folder.Target.Shows} {ReproductionText.Summary(outcome)}");
        if (PictureOf(folder) is { } picture)
        {
            page.Figure(File.ReadAllText(picture), outcome.Caption);
        }

        page.Table(ReproductionText.Findings(outcome));
        foreach (var table in outcome.Tables)
        {
            page.Table(table);
        }

        page.List(outcome.Remarks).Heading("How it was made").List(ReproductionText.Conditions(folder, records));
    }

    private static string? PictureOf(ReproductionFolder folder) => File.Exists($"{StemOf(folder)}.svg") ? $"{StemOf(folder)}.svg" : null;

    private static string? RelativeTo(string root, string? file) =>
        file is null ? null : Path.GetRelativePath(root, file).Replace('\\', '/');

    private static string StemOf(ReproductionFolder folder) => Check.NotNull(folder).In(folder.Target.Id);

    // A machine without the drawing library's native half still gets every number.
    private static string? Draw(ReproductionFolder folder, TargetOutcome outcome)
    {
        try
        {
            if (outcome.Figure is { } figure)
            {
                FigureFiles.Write(figure, StemOf(folder));
            }

            return null;
        }
        catch (Exception error) when (error is TypeInitializationException or DllNotFoundException)
        {
            return $"The pictures could not be drawn ({error.Message}); the runs' files have their numbers.";
        }
    }
}
