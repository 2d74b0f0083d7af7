using System.Text.Json.Nodes;
using LowRank.Tensors;

namespace LowRank.Experiments.Reproduction;

/// <summary>Where a target's files are: its settings, a file per run, the outcome.</summary>
public sealed class ReproductionFolder
{
    private const string SettingsName = "settings.json";

    private ReproductionFolder(string path, Target target, ReproductionOptions options) => (Path, Target, Options) = (path, target, options);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The target.</summary>
    public Target Target { get; }

    /// <summary>The scale its runs were made at.</summary>
    public ReproductionScale Scale => Options.Scale;

    /// <summary>The model and tasks of its runs; null for the target's own, and where there are none.</summary>
    public LanguageSource? Language => Options.Language;

    /// <summary>What decides which runs belong here.</summary>
    internal ReproductionOptions Options { get; }

    /// <summary>Where its runs computed; null for the CPU.</summary>
    public string? Device => Options.Device;

    private string RunsFolder => In("runs");

    private string PartialsFolder => In("partial");

    /// <summary>Takes a new folder, or goes on with one that holds runs under the same settings.</summary>
    /// <param name="root">
    /// The folder of all targets; the target's own is <c>fig5</c> or <c>fig5-quick</c> in it, with a model's name behind that.
    /// </param>
    /// <param name="target">The target.</param>
    /// <param name="options">What the user chose.</param>
    /// <returns>The folder.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="InvalidDataException">It holds runs under other settings.</exception>
    public static ReproductionFolder Create(string root, Target target, ReproductionOptions options)
    {
        Check.NotNull(target);
        Check.NotNull(options);
        string[] name =
        [
            target.Id,
            .. options.Scale == ReproductionScale.Full ? Array.Empty<string>() : [ScaleName(options.Scale)],
            .. options.Language is { Model: var model } ? [FileNameOf(model)] : Array.Empty<string>(),
            .. KindOf(options.Device) is { } kind ? [kind] : Array.Empty<string>(),
        ];
        var folder = new ReproductionFolder(System.IO.Path.Combine(Check.NotBlank(root), string.Join('-', name)), target, options);
        var settings = new ReproductionSettings(target.Id, options.Scale, Node(target.Settings(options)), options.Language, KindOf(options.Device));
        var file = folder.In(SettingsName);
        if (!File.Exists(file))
        {
            ExperimentJson.Write(file, settings);
        }

        settings.RequireSame(ExperimentJson.Read<ReproductionSettings>(file), folder.Path);
        return folder;
    }

    /// <summary>Opens all targets' folders in a folder.</summary>
    /// <param name="root">What <c>lowrank reproduce</c> wrote: a folder of targets, or one target's own folder.</param>
    /// <returns>The folders in the order of the catalogue.</returns>
    /// <exception cref="FileNotFoundException">It holds none.</exception>
    /// <exception cref="InvalidDataException">A file is malformed, or of a target that this version does not know.</exception>
    public static IReadOnlyList<ReproductionFolder> OpenAll(string root)
    {
        IEnumerable<string> candidates = Directory.Exists(Check.NotBlank(root)) ? Directory.EnumerateDirectories(root).Append(root) : [];
        var places = TargetCatalogue.All.Select((target, place) => (target.Id, place)).ToDictionary(pair => pair.Id, pair => pair.place);
        var folders = candidates.Where(path => File.Exists(System.IO.Path.Combine(path, SettingsName))).Select(Open)
            .OrderBy(folder => places[folder.Target.Id]).ThenBy(folder => folder.Scale).ToList();
        return folders.Count > 0
            ? folders
            : throw new FileNotFoundException($"{root}: no results; wanted a folder that 'lowrank reproduce' wrote.", root);
    }

    /// <summary>Whether a run is done.</summary>
    /// <param name="cell">The run.</param>
    /// <returns>True when its file is there.</returns>
    public bool Has(Cell cell) => File.Exists(FileOf(RunsFolder, Check.NotNull(cell).Key));

    /// <summary>Reads all runs; of a run that was stopped, what there is.</summary>
    /// <returns>The runs, in the order of their files' names.</returns>
    /// <exception cref="InvalidDataException">A file is malformed.</exception>
    public IReadOnlyList<CellRecord> ReadRuns() =>
    [
        .. Files(RunsFolder).Concat(Files(PartialsFolder).Where(file => !File.Exists(FileOf(RunsFolder, Key(file)))))
            .Select(ExperimentJson.Read<CellRecord>),
    ];

    /// <summary>Copies the runs of another part that are not here.</summary>
    /// <param name="other">The same target at the same scale.</param>
    /// <exception cref="InvalidDataException">It was made under other settings.</exception>
    public void Join(ReproductionFolder other)
    {
        Check.NotNull(other);
        ExperimentJson.Read<ReproductionSettings>(In(SettingsName))
            .RequireSame(ExperimentJson.Read<ReproductionSettings>(other.In(SettingsName)), other.Path);
        foreach (var file in Files(other.RunsFolder).Where(file => !File.Exists(FileOf(RunsFolder, Key(file)))))
        {
            AtomicFile.WriteText(FileOf(RunsFolder, Key(file)), File.ReadAllText(file));
        }
    }

    internal string In(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>The text of the settings, for reports.</summary>
    internal JsonNode ReadSettings() => ExperimentJson.Read<ReproductionSettings>(In(SettingsName)).Settings;

    /// <summary>Where a run keeps what it needs to go on.</summary>
    internal string PartialOf(Cell cell) => System.IO.Path.Combine(PartialsFolder, cell.Key);

    internal void Write(Cell cell, CellRecord record)
    {
        ExperimentJson.Write(FileOf(RunsFolder, cell.Key), record);
        if (!Directory.Exists(PartialsFolder))
        {
            return;
        }

        File.Delete(FileOf(PartialsFolder, cell.Key));
        if (Directory.Exists(PartialOf(cell)))
        {
            Directory.Delete(PartialOf(cell), recursive: true);
        }

        if (!Directory.EnumerateFileSystemEntries(PartialsFolder).Any())
        {
            Directory.Delete(PartialsFolder);
        }
    }

    /// <summary>Keeps what is known of a run that is not done.</summary>
    internal void WritePartial(Cell cell, CellRecord record) => ExperimentJson.Write(FileOf(PartialsFolder, cell.Key), record);

    private static ReproductionFolder Open(string path)
    {
        var settings = ExperimentJson.Read<ReproductionSettings>(System.IO.Path.Combine(path, SettingsName));
        return TargetCatalogue.All.FirstOrDefault(target => target.Id == settings.Target) is { } target
            ? new(path, target, new() { Scale = settings.Scale, Language = settings.Language, Device = settings.Device })
            : throw new InvalidDataException($"{path}: holds runs of '{settings.Target}', which this version does not know.");
    }

    // Which of several cards it was does not matter.
    private static string? KindOf(string? device) =>
        device is null || ComputeDevice.Parse(device) == ComputeDevice.Cpu ? null : ComputeDevice.Cuda;

    // An id of the Hub has a slash.
    private static string FileNameOf(string model) =>
        string.Concat(model.Split('/')[^1].Select(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' or '.' ? letter : '-'));

    private static string ScaleName(ReproductionScale scale) => scale.ToString().ToLowerInvariant();

    private static JsonNode Node(object settings) => JsonNode.Parse(ExperimentJson.ToText(settings))!;

    private static string FileOf(string folder, string key) => System.IO.Path.Combine(folder, $"{key}.json");

    private static IEnumerable<string> Files(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal) : [];

    private static string Key(string file) => System.IO.Path.GetFileNameWithoutExtension(file);
}
