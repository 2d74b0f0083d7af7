using LowRank.Cli.Terminal;
using LowRank.FineTuning.Data;
using LowRank.Transformers.Hub;

namespace LowRank.Cli.Commands;

/// <summary>Finds the files to learn from: a file as named, or those of a folder by their usual names.</summary>
internal sealed record DataFiles(string Training, string? Validation)
{
    private static readonly string[] Endings = [".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json", ".parquet"];
    private static readonly string[] TrainingNames = ["train", "training", "trainset"];
    private static readonly string[] ValidationNames = ["validation", "valid", "val", "dev", "devset", "validation_matched", "dev_matched"];

    /// <summary>
    /// The file itself; or a folder's <c>train.*</c> and <c>validation.*</c> or <c>dev.*</c>, before which may stand
    /// a name that they share: <c>facts-train.csv</c> and <c>facts-validation.csv</c>.
    /// </summary>
    public static DataFiles Find(string path, string? task)
    {
        if (!Directory.Exists(path))
        {
            return new(Path.GetFullPath(path), null);
        }

        var folder = task is not null && Directory.Exists(Path.Combine(path, task)) ? Path.Combine(path, task) : path;
        if (Only(folder, stem => IsOneOf(TrainingNames, FirstWord(stem))) is { } training)
        {
            return new(training, Only(folder, stem => IsOneOf(ValidationNames, FirstWord(stem))));
        }

        training = Only(folder, stem => TrainingNames.Any(name => stem.EndsWith($"-{name}", StringComparison.OrdinalIgnoreCase)))
            ?? throw new FileNotFoundException(
                $"{folder}: there is no train.csv, .tsv, .jsonl or .parquet in this folder; name a file, or a folder that has one.");
        var named = Path.GetFileNameWithoutExtension(training);
        var shared = named[..(named.LastIndexOf('-') + 1)];
        return new(training, Only(folder, stem =>
            stem.StartsWith(shared, StringComparison.Ordinal) && IsOneOf(ValidationNames, stem[shared.Length..])));
    }

    /// <summary>A GLUE task's files from the Hugging Face Hub; what the cache lacks is downloaded, with progress.</summary>
    public static async Task<DataFiles> FetchAsync(GlueTask task, Screen screen, CancellationToken stop)
    {
        if (task == GlueTask.E2e)
        {
            throw new UsageException(
                "--task e2e: its files are not fetched; wanted FILE, or a folder with trainset.csv and devset.csv of the E2E challenge.");
        }

        using var hub = new ModelHub();
        var folder = await hub.LocateDatasetAsync(
            GlueTask.Dataset, [task.TrainingFile, task.ValidationFile], null, new HubProgress(screen), stop).ConfigureAwait(false);
        Screen.ClearMovingLine();
        return new(Path.Combine(folder, task.TrainingFile), Path.Combine(folder, task.ValidationFile));
    }

    private static string? Only(string folder, Func<string, bool> isMeant)
    {
        var found = Directory.EnumerateFiles(folder)
            .Where(file => IsOneOf(Endings, Path.GetExtension(file)) && isMeant(Path.GetFileNameWithoutExtension(file)))
            .Order(StringComparer.Ordinal)
            .ToList();
        return found.Count < 2
            ? found.FirstOrDefault()
            : throw new UsageException(
                $"{folder}: any of {string.Join(", ", found.Select(Path.GetFileName))} could be meant; name one of them as FILE.");
    }

    // Of train-00000-of-00001.parquet it is train.
    private static string FirstWord(string stem) => stem.Split('.', '-')[0];

    private static bool IsOneOf(string[] names, string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase);
}
