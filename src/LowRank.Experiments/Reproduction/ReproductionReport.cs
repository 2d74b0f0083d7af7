using System.Text;
using LowRank.Experiments.Reports.Figures;
using LowRank.Tensors;

namespace LowRank.Experiments.Reproduction;

/// <summary>Writes what runs say: an outcome with its picture per target, and a report over several targets.</summary>
public static class ReproductionReport
{
    /// <summary>Judges a target's runs, and writes <c>outcome.json</c> and the picture into its folder.</summary>
    /// <param name="folder">The target's folder.</param>
    /// <returns>The outcome; and why the picture could not be drawn, where it could not.</returns>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="InvalidDataException">A run's file is malformed.</exception>
    public static (TargetOutcome Outcome, string? Fault) Write(ReproductionFolder folder)
    {
        var outcome = Check.NotNull(folder).Target.Judge(folder.ReadRuns(), folder.Scale);
        ExperimentJson.Write(folder.In("outcome.json"), outcome.Findings);
        return (outcome, Draw(folder, outcome));
    }

    /// <summary>Writes one report over all targets: <c>report.md</c>.</summary>
    /// <param name="folders">The targets' folders.</param>
    /// <param name="root">Where the report goes; the folder that holds the targets' folders.</param>
    /// <returns>The report's path; and why pictures could not be drawn, where they could not.</returns>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="InvalidDataException">A run's file is malformed.</exception>
    public static (string Path, string? Fault) WriteAll(IReadOnlyList<ReproductionFolder> folders, string root)
    {
        var text = new StringBuilder("# What was reproduced\n\n");
        string? fault = null;
        foreach (var folder in Check.NotNull(folders))
        {
            var (outcome, drawn) = Write(folder);
            fault ??= drawn;
            text.Append(ReproductionText.ToMarkdown(folder, folder.ReadRuns(), outcome, PictureOf(folder, root))).Append('\n');
        }

        var path = Path.Combine(root, "report.md");
        AtomicFile.WriteText(path, text.ToString());
        return (path, fault);
    }

    /// <summary>A target's picture, relative to a folder.</summary>
    /// <param name="folder">The target's folder.</param>
    /// <param name="root">The folder.</param>
    /// <returns>The SVG file; null when there is none.</returns>
    public static string? PictureOf(ReproductionFolder folder, string root)
    {
        var file = $"{StemOf(folder)}.svg";
        return File.Exists(file) ? Path.GetRelativePath(root, file).Replace('\\', '/') : null;
    }

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
