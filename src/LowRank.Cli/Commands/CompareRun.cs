using System.Globalization;
using LowRank.Cli.Terminal;
using LowRank.Experiments.Comparisons;
using LowRank.Experiments.Methods;
using LowRank.Experiments.Reports;
using TorchSharp;

namespace LowRank.Cli.Commands;

/// <summary>Makes the runs that are not there yet, then the report.</summary>
internal sealed class CompareRun(CompareRequest request, CancellationToken stop)
{
    private readonly Screen _screen = new(request.Json);

    public async Task<int> RunAsync()
    {
        _ = MethodCatalogue.Find(request.Baseline); // a misspelt name is said before the work, not after it
        if (!request.DryRun)
        {
            OutputFolder.RequireWritable(request.Folder);
        }

        var common = request.Options.Common;
        var place = await ModelPlace.LocateAsync(common.ModelFolder, common.Revision, _screen, stop).ConfigureAwait(false);
        return Run(request.Options with
        {
            Common = common with { ModelFolder = place.Folder, ModelName = place.Name, Revision = place.Revision ?? common.Revision },
        });
    }

    // From here on there are tensors: nothing is awaited.
    private int Run(ComparisonOptions options)
    {
        if (request.Threads > 0)
        {
            torch.set_num_threads(request.Threads);
        }

        using var comparison = new MethodComparison(options);
        var cells = request.Shard?.Of(comparison.Cells) ?? comparison.Cells;
        if (request.DryRun)
        {
            var own = request.Shard is null ? "" : Text($", {cells.Count} of them in part {request.Shard}");
            _screen.Line(Text($"{comparison.Cells.Count} runs{own}; nothing was run: leave --dry-run out to begin."));
            return ExitCode.Success;
        }

        var folder = ComparisonFolder.Create(request.Folder, comparison.Settings);
        if (!Make(comparison, folder, cells))
        {
            _screen.Note("Stopped. The same command goes on from here.");
            return ExitCode.Cancelled;
        }

        if (request.Shard is { } part)
        {
            _screen.Line(Text($"Part {part} is done: {cells.Count} runs in {folder.Path}."));
            _screen.Line($"When all parts are, 'lowrank compare report {folder.Path} ...' joins them and makes the report.");
            return ExitCode.Success;
        }

        new CompareOutcome(_screen, request.Json).Show(ComparisonReport.Of(folder, request.Baseline), folder);
        return ExitCode.Success;
    }

    // Seed by seed, so that a comparison that was stopped has all methods under the seeds that it has.
    private bool Make(MethodComparison comparison, ComparisonFolder folder, IReadOnlyList<ComparisonCell> cells)
    {
        var missing = cells.Where(cell => !folder.Has(cell)).OrderBy(cell => cell.Seed).ToList();
        var done = cells.Count - missing.Count;
        _screen.Note(Text($"{cells.Count} runs{(done > 0 ? Text($", {done} of them are there already") : "")}"));
        var progress = new StepProgress("comparing", done);
        foreach (var cell in missing)
        {
            try
            {
                folder.Write(comparison.Run(cell, stop));
            }
            catch (OperationCanceledException)
            {
                Screen.ClearMovingLine();
                return false;
            }

            progress.Report(++done, cells.Count, $"last {cell}");
        }

        Screen.ClearMovingLine();
        return true;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
