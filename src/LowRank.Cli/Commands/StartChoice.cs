using LowRank.Adapters;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Runs;

namespace LowRank.Cli.Commands;

/// <summary>What <c>--from</c> brings: the model, the adapter's options and the labels of what went before.</summary>
internal static class StartChoice
{
    /// <summary>The options to begin with: those of a configuration, with what the adapter decides.</summary>
    /// <param name="from">A run's folder, or a PEFT adapter's.</param>
    /// <param name="config">A configuration; null for none.</param>
    public static FineTuneOptions Read(string from, FineTuneOptions? config)
    {
        if (!Directory.Exists(from))
        {
            throw new DirectoryNotFoundException($"{from}: there is no such folder; wanted a run's, or a PEFT adapter's.");
        }

        if (RunFolder.IsRun(from))
        {
            var (run, options) = (RunFolder.Open(from), RunFolder.Open(from).ReadOptions());
            return run.HasModel
                ? throw new UsageException(
                    $"--from: every weight of {from} was trained, there is no adapter: give '--model {run.ModelFolder}' instead.")
                : (config ?? new() { ModelFolder = options.ModelFolder }) with
                {
                    From = Path.GetFullPath(from),
                    ModelFolder = options.ModelFolder,
                    ModelName = options.ModelName,
                    Revision = options.Revision,
                    Adapter = options.Adapter,
                    Targets = options.Targets,
                    Exclude = options.Exclude,
                    MinimumSize = options.MinimumSize,
                    TrainHead = options.TrainHead,
                    MaxLength = options.MaxLength,
                    Generator = options.Generator,
                };
        }

        var said = PeftFolder.ReadBase(from);
        return (config ?? new() { ModelFolder = "" }) with
        {
            From = Path.GetFullPath(from),
            ModelFolder = said.Name ?? config?.ModelFolder ?? "",
            ModelName = null,
            Revision = said.Revision,
            Adapter = PeftFolder.ReadOptions(from),
        };
    }

    /// <summary>Refuses options that would make another adapter than the one that is gone on from.</summary>
    public static void RequireSame(FineTuneOptions before, FineTuneOptions now)
    {
        if (before.From is not null
            && (now.Adapter != before.Adapter || now.Targets != before.Targets || now.MinimumSize != before.MinimumSize
                || !now.Exclude.SequenceEqual(before.Exclude)))
        {
            throw new UsageException(
                $"--from goes on with the adapter as it is ({InspectRun.Describe(before.Adapter)} on {before.Targets}): "
                    + "leave out the options that would make another one.");
        }
    }

    /// <summary>The classes that the rows must have; null where anything goes.</summary>
    public static ClassLabels? LabelsOf(string? from) =>
        from is not null && RunFolder.IsRun(from) && RunFolder.Open(from).ReadLabels() is { Count: > 0 } labels
            ? new ClassLabels(labels)
            : null;
}
