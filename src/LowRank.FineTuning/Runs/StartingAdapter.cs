using LowRank.Adapters;

namespace LowRank.FineTuning.Runs;

/// <summary>The adapter that a run goes on from, instead of a fresh one.</summary>
internal static class StartingAdapter
{
    /// <exception cref="ArgumentException">Labels or options do not fit the earlier run.</exception>
    /// <exception cref="FileNotFoundException">The folder lacks a file.</exception>
    /// <exception cref="InvalidDataException">The adapter does not fit the model, or has no head.</exception>
    public static AdapterSet Attach(
        string from, bool trainsHead, BaseModel model, IReadOnlyList<string> labels)
    {
        var set = ModelParts.ReadAdapter(FolderOf(from, labels), model);
        if (!trainsHead)
        {
            set.FreezeHeads();
        }

        return set;
    }

    /// <summary>The options as they hold: those of the adapter that is trained, with its learning rates.</summary>
    public static FineTuneOptions Resolve(FineTuneOptions options, AdapterSet set)
    {
        var resolved = options with { Adapter = set.Options, Training = options.Training.For(set.Options) };
        return options.From is null ? resolved : resolved with
        {
            From = Path.GetFullPath(options.From),
            Targets = set.Adapters.Count == 0 ? options.Targets : TargetsOf(set),
        };
    }

    /// <summary>The layers of a set as a user would name them: by the ends of their paths where these suffice.</summary>
    public static string TargetsOf(AdapterSet set)
    {
        string[] paths = [.. set.Adapters.Select(adapter => adapter.Layer.Path)];
        string[] ends = [.. paths.Select(path => path[(path.LastIndexOf('.') + 1)..]).Distinct()];
        var chosen = TargetSelector.ByName(ends).Select(set.Model, set.HeadPaths).Select(layer => layer.Path);
        return string.Join(',', chosen.SequenceEqual(paths) ? ends : paths);
    }

    private static string FolderOf(string from, IReadOnlyList<string> labels)
    {
        if (!RunFolder.IsRun(from))
        {
            return from;
        }

        var run = RunFolder.Open(from);
        var earlier = run.ReadLabels();
        if (run.HasModel)
        {
            throw new ArgumentException(
                $"{from}: got a run that trained every weight; wanted one with an adapter. "
                    + $"Name its model instead: {run.ModelFolder}.");
        }

        return labels.SequenceEqual(earlier) ? run.AdapterFolder : throw new ArgumentException(
            $"{from}: got a run on {Tell(earlier)}, but rows of {Tell(labels)}; wanted the same labels.");
    }

    private static string Tell(IReadOnlyList<string> labels) =>
        labels.Count == 0 ? "numbers" : $"the classes {string.Join(", ", labels)}";
}
