using LowRank.Cli.Terminal;
using LowRank.FineTuning.Runs;

namespace LowRank.Cli.Commands;

/// <summary>What <c>lowrank finetune</c> was asked to do.</summary>
internal sealed record FinetuneRequest
{
    /// <summary>The run's options; the model as it was named, columns and warm-up not yet resolved.</summary>
    public required FineTuneOptions Options { get; init; }

    /// <summary>The options of the run that is resumed; null for a new one.</summary>
    public required FineTuneOptions? Resumed { get; init; }

    public required double? WarmUp { get; init; }

    public required string Folder { get; init; }

    public required bool Force { get; init; }

    public required bool DryRun { get; init; }

    public required int Threads { get; init; }

    public required bool Json { get; init; }

    public FineTuneData Data => Options.Data ?? throw new InvalidOperationException("The request has no data.");

    /// <summary>The folder of a run that was not given a name: the data's name and <c>-run</c>.</summary>
    public static string FolderFor(string dataFile)
    {
        var name = Path.GetFileNameWithoutExtension(dataFile);
        if (name.StartsWith("train", StringComparison.OrdinalIgnoreCase)
            && Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(dataFile))) is { Length: > 0 } folder)
        {
            name = folder;
        }

        return $"{name}-run";
    }

    public void Validate()
    {
        if (Resumed is not null && Force)
        {
            throw new UsageException("--resume goes on with a run, --force replaces it: give one of them.");
        }

        if (DryRun)
        {
            return;
        }

        if (Resumed is null)
        {
            RequireFree();
        }

        OutputFolder.RequireWritable(Folder);
    }

    private void RequireFree()
    {
        if (File.Exists(Folder) || (Directory.Exists(Folder) && Directory.EnumerateFileSystemEntries(Folder).Any() && !RunFolder.IsRun(Folder)))
        {
            throw new UsageException($"{Folder}: there is something else already, no run; choose another --out.");
        }

        if (RunFolder.IsRun(Folder) && !Force)
        {
            throw new UsageException(
                $"{Folder}: a run is there already; add --resume to go on with it, --force to replace it, or choose another --out.");
        }
    }
}
