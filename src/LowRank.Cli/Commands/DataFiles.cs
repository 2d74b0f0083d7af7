using LowRank.Cli.Terminal;
using LowRank.Transformers.Hub;

namespace LowRank.Cli.Commands;

/// <summary>Finds the files to learn from: a file as named, or those of a folder by their usual names.</summary>
internal sealed record DataFiles(string Training, string? Validation)
{
    private static readonly string[] Endings = [".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json", ".parquet"];
    private static readonly string[] TrainingNames = ["train", "training"];
    private static readonly string[] ValidationNames = ["validation", "valid", "val", "dev", "validation_matched", "dev_matched"];

    /// <summary>The file itself; or a folder's <c>train.*</c> and <c>validation.*</c> or <c>dev.*</c>.</summary>
    public static DataFiles Find(string path, string? task)
    {
        if (!Directory.Exists(path))
        {
            return new(Path.GetFullPath(path), null);
        }

        var folder = task is not null && Directory.Exists(Path.Combine(path, task)) ? Path.Combine(path, task) : path;
        var training = Only(folder, TrainingNames) ?? throw new FileNotFoundException(
            $"{folder}: there is no train.csv, .tsv, .jsonl or .parquet in this folder; name a file, or a folder that has one.");
        return new(training, Only(folder, ValidationNames));
    }

    /// <summary>A GLUE task's files in the cache of the Hugging Face tools.</summary>
    public static DataFiles FindInCache(string task)
    {
        var set = Path.Combine(HubOptions.FromEnvironment().CacheFolder, "datasets--nyu-mll--glue");
        var commit = Path.Combine(set, "refs", "main");
        var folder = File.Exists(commit)
            ? Path.Combine(set, "snapshots", File.ReadAllText(commit).Trim(), task)
            : Path.Combine(set, "snapshots");
        return Directory.Exists(folder) && File.Exists(commit) ? Find(folder, null) : throw new FileNotFoundException(
            $"--task {task}: its files are not in {folder}. Fetch train-00000-of-00001.parquet and "
                + $"{(task == "mnli" ? "validation_matched" : "validation")}-00000-of-00001.parquet from "
                + $"https://huggingface.co/datasets/nyu-mll/glue/tree/main/{task} into a folder, and name the folder: "
                + $"lowrank finetune FOLDER --task {task} ...");
    }

    private static string? Only(string folder, string[] names)
    {
        var found = Directory.EnumerateFiles(folder)
            .Where(file => Endings.Contains(Path.GetExtension(file).ToLowerInvariant())
                && names.Contains(Path.GetFileName(file).ToLowerInvariant().Split('.', '-')[0]))
            .Order(StringComparer.Ordinal)
            .ToList();
        return found.Count < 2
            ? found.FirstOrDefault()
            : throw new UsageException(
                $"{folder}: any of {string.Join(", ", found.Select(Path.GetFileName))} could be meant; name one of them as FILE.");
    }
}
