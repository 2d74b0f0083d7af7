using System.Globalization;
using LowRank.Cli.Terminal;
using LowRank.Experiments.Comparisons;
using LowRank.Experiments.Reproduction;

namespace LowRank.Cli.Commands;

/// <summary>Makes the runs that are not there yet, then says what they say.</summary>
internal sealed class ReproduceRun(
    ReproductionOptions options, string root, Shard? part, bool json, Screen screen, CancellationToken stop)
{
    public int Run(IReadOnlyList<Target> targets)
    {
        List<TargetRuns> all = [.. targets.Select(target => new TargetRuns(target, options, root, part))];
        var (cells, missing) = (all.Sum(runs => runs.Cells.Count), all.Sum(runs => runs.Missing.Count));
        screen.Note(Text($"{cells} runs{(missing < cells ? Text($", {cells - missing} of them are there already") : "")}"));
        var progress = new ReproduceProgress(all.SelectMany(runs => runs.Missing));
        foreach (var runs in all)
        {
            if (!Make(runs, progress))
            {
                screen.Note("Stopped. The same command goes on from here.");
                return ExitCode.Cancelled;
            }

            if (part is null)
            {
                Show(runs.Folder);
            }
        }

        screen.Line(part is null
            ? $"'lowrank report {root}' makes one report of all that is there."
            : Text($"Part {part} is done: {cells} runs in {root}. When all parts are, 'lowrank report {root} ...' joins them."));
        return ExitCode.Success;
    }

    private bool Make(TargetRuns runs, ReproduceProgress progress)
    {
        foreach (var cell in runs.Missing)
        {
            try
            {
                progress.Begin(runs.Folder.Target.Id, cell);
                runs.Make(cell, progress, stop);
                progress.End();
            }
            catch (OperationCanceledException)
            {
                Screen.ClearMovingLine();
                return false;
            }
        }

        Screen.ClearMovingLine();
        return true;
    }

    private void Show(ReproductionFolder folder)
    {
        var (outcome, fault) = ReproductionReport.Write(folder);
        if (fault is not null)
        {
            screen.Note(fault);
        }

        if (json)
        {
            Console.Out.WriteLine(JsonOutput.Serialize(new { folder.Target.Id, folder.Scale, outcome.Findings }));
            return;
        }

        screen.Line($"{ReproductionText.Title(folder)}. {folder.Target.Shows}");
        var table = ReproductionText.Findings(outcome);
        var columns = table.Headings.Count - 1; // where each expectation comes from is in the report
        screen.Table([.. table.Headings.Take(columns)], table.Rows.Select(row => row.Take(columns).ToList()), columns);
        foreach (var line in outcome.Remarks)
        {
            screen.Line(line);
        }

        screen.Line(ReproductionText.Summary(outcome));
        screen.Line($"files: {folder.Path}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
