using LowRank.Cli.Terminal;
using LowRank.FineTuning.Samples;
using LowRank.Transformers.Hub;

namespace LowRank.Cli.Commands;

/// <summary>Where a model's files lie, and its name and commit when it came from the Hub.</summary>
internal sealed record ModelPlace(string Folder, string? Name, string? Revision)
{
    private const int CommitLength = 40;

    /// <summary>Finds a model by folder, name of a built-in one, or id; what the cache lacks is downloaded, with progress.</summary>
    public static async Task<ModelPlace> LocateAsync(string model, string? revision, Screen screen, CancellationToken stop)
    {
        if (Directory.Exists(model))
        {
            return new(Path.GetFullPath(model), null, null);
        }

        if (BuiltInModel.Find(model) is { } builtIn)
        {
            return new(builtIn, model, null);
        }

        using var hub = new ModelHub();
        try
        {
            var folder = await hub.LocateAsync(model, revision, new HubProgress(screen), stop).ConfigureAwait(false);
            var commit = Path.GetFileName(folder);
            return new(folder, model, commit.Length == CommitLength ? commit : revision);
        }
        catch (HubUnreachableException error)
        {
            throw new IOException($"{model} is no folder here, and of the Hub: {error.Message}", error);
        }
        finally
        {
            Screen.ClearMovingLine();
        }
    }
}
