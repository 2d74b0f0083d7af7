using LowRank.Tensors;

namespace LowRank.Experiments.Comparisons;

/// <summary>Where a comparison's files are: its settings, a file per run, and the report.</summary>
public sealed class ComparisonFolder
{
    private ComparisonFolder(string path, ComparisonSettings settings) => (Path, Settings) = (path, settings);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>What all its runs share.</summary>
    public ComparisonSettings Settings { get; }

    private string RunsFolder => System.IO.Path.Combine(Path, "runs");

    /// <summary>Takes a new folder, or goes on with one that holds runs under the same settings.</summary>
    /// <param name="path">The folder; made when missing.</param>
    /// <param name="settings">The settings.</param>
    /// <returns>The folder.</returns>
    /// <exception cref="IOException">There is something else in it, or it cannot be written.</exception>
    /// <exception cref="InvalidDataException">It holds a comparison under other settings.</exception>
    public static ComparisonFolder Create(string path, ComparisonSettings settings)
    {
        Check.NotNull(settings);
        if (!File.Exists(SettingsIn(path)))
        {
            if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
            {
                throw new IOException($"{path}: there is something else already, no comparison; choose another folder.");
            }

            ExperimentJson.Write(SettingsIn(path), settings);
        }

        settings.RequireSame(ExperimentJson.Read<ComparisonSettings>(SettingsIn(path)), path);
        Directory.CreateDirectory(System.IO.Path.Combine(path, "runs"));
        return new(path, settings);
    }

    /// <summary>Opens a folder that holds a comparison.</summary>
    /// <param name="path">The folder.</param>
    /// <returns>The folder.</returns>
    /// <exception cref="FileNotFoundException">It holds none.</exception>
    /// <exception cref="InvalidDataException">Its settings are malformed.</exception>
    public static ComparisonFolder Open(string path) => File.Exists(SettingsIn(path))
        ? new(path, ExperimentJson.Read<ComparisonSettings>(SettingsIn(path)))
        : throw new FileNotFoundException($"{path}: no comparison.json; wanted a folder that 'lowrank compare' wrote.", SettingsIn(path));

    /// <summary>Whether a run is done.</summary>
    /// <param name="cell">The run.</param>
    /// <returns>True when its file is there.</returns>
    public bool Has(ComparisonCell cell) => File.Exists(FileOf(cell));

    /// <summary>Writes a run's file, whole or not at all.</summary>
    /// <param name="run">The run.</param>
    public void Write(ComparisonRun run) => ExperimentJson.Write(FileOf(Check.NotNull(run).Cell), run);

    /// <summary>Reads all runs.</summary>
    /// <returns>The runs, in the order of their files' names.</returns>
    /// <exception cref="InvalidDataException">A file is malformed.</exception>
    public IReadOnlyList<ComparisonRun> ReadRuns() => Directory.Exists(RunsFolder)
        ? [.. Directory.EnumerateFiles(RunsFolder, "*.json").Order(StringComparer.Ordinal).Select(ExperimentJson.Read<ComparisonRun>)]
        : [];

    /// <summary>Copies the runs of another folder that are not here.</summary>
    /// <param name="other">Another part of the same comparison.</param>
    /// <exception cref="InvalidDataException">It was made under other settings.</exception>
    public void Join(ComparisonFolder other)
    {
        Settings.RequireSame(Check.NotNull(other).Settings, other.Path);
        foreach (var run in other.ReadRuns().Where(run => !Has(run.Cell)))
        {
            Write(run);
        }
    }

    internal string In(string name) => System.IO.Path.Combine(Path, name);

    private static string SettingsIn(string path) => System.IO.Path.Combine(Check.NotBlank(path), "comparison.json");

    private string FileOf(ComparisonCell cell) => System.IO.Path.Combine(RunsFolder, Check.NotNull(cell).FileName);
}
