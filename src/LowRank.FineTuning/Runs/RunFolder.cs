using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using LowRank.FineTuning.Checkpoints;
using LowRank.FineTuning.Training;
using LowRank.Tensors;

namespace LowRank.FineTuning.Runs;

/// <summary>Where the files of a run are: a folder that explains itself.</summary>
public sealed class RunFolder
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        AllowOutOfOrderMetadataProperties = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    private RunFolder(string path) => Path = path;

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The resolved options of the run.</summary>
    public string ConfigFile => In("config.json");

    /// <summary>What was learned, step by step.</summary>
    public string MetricsFile => In(Training.MetricsFile.FileName);

    /// <summary>The label names by their number; an empty list for a run on numbers.</summary>
    public string LabelsFile => In("labels.json");

    /// <summary>How the run ended, its best scores, its speed.</summary>
    public string ResultFile => In("result.json");

    /// <summary>What was read from the data files, and what was made of it.</summary>
    public string DataFile => In("data.json");

    /// <summary>The learning curves as a picture; there when something drew them.</summary>
    public string CurveFile => In("curve.png");

    /// <summary>The same picture as a drawing without pixels.</summary>
    public string CurveDrawing => In("curve.svg");

    /// <summary>The adapters' factors before the first step; not there when nothing but a head is trained.</summary>
    public string StartFile => In("start.safetensors");

    /// <summary>The updates' singular values as a picture; there when something drew them.</summary>
    public string SpectrumFile => In("spectrum.png");

    /// <summary>The same picture as a drawing without pixels.</summary>
    public string SpectrumDrawing => In("spectrum.svg");

    /// <summary>What the files are, for people.</summary>
    public string ReadmeFile => In("README.md");

    /// <summary>The adapter and the head, in PEFT's format.</summary>
    public string AdapterFolder => In("adapter");

    /// <summary>The whole model, of a run that trained every weight; in the Hugging Face layout.</summary>
    public string ModelFolder => In("model");

    /// <summary>Whether the run left a whole model instead of an adapter.</summary>
    public bool HasModel => Directory.Exists(ModelFolder);

    /// <summary>Where the run can be resumed from.</summary>
    public string CheckpointFolder => In("checkpoint");

    /// <summary>Whether there is a checkpoint to resume from.</summary>
    public bool HasCheckpoint => File.Exists(System.IO.Path.Combine(CheckpointFolder, Checkpoint.FileName));

    /// <summary>TensorBoard's event files.</summary>
    public string EventsFolder => In("events");

    /// <summary>Takes a new folder, or an empty one, for a run.</summary>
    /// <param name="path">The folder; made when missing.</param>
    /// <param name="overwrite">Whether an earlier run in it may be replaced.</param>
    /// <returns>The folder.</returns>
    /// <exception cref="IOException">The folder has files already, and they may not be replaced.</exception>
    public static RunFolder Create(string path, bool overwrite = false)
    {
        Check.NotBlank(path);
        var folder = new RunFolder(path);
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
        {
            if (!overwrite || !IsRun(path))
            {
                throw new IOException(
                    $"{path}: the folder is not empty; wanted a new one. Choose another name"
                        + (IsRun(path) ? ", resume the run, or say that it may be overwritten." : "."));
            }

            folder.Clear();
        }

        Directory.CreateDirectory(path);
        return folder;
    }

    /// <summary>Tells a run's folder from a model's, which has a <c>config.json</c> too.</summary>
    /// <param name="path">Any path.</param>
    /// <returns>Whether a run was begun in it.</returns>
    public static bool IsRun(string path)
    {
        var folder = new RunFolder(Check.NotBlank(path));
        return File.Exists(folder.ConfigFile) && File.Exists(folder.LabelsFile);
    }

    /// <summary>Opens the folder of an earlier run.</summary>
    /// <param name="path">The folder.</param>
    /// <returns>The folder.</returns>
    /// <exception cref="FileNotFoundException">It holds no run.</exception>
    public static RunFolder Open(string path)
    {
        Check.NotBlank(path);
        var folder = new RunFolder(path);
        return IsRun(path) ? folder : throw new FileNotFoundException(
            $"{path}: no config.json with a labels.json; wanted the folder of a fine-tuning run.", folder.ConfigFile);
    }

    /// <summary>Reads the run's options.</summary>
    /// <returns>The options.</returns>
    /// <exception cref="InvalidDataException">The file is malformed or has options that do not exist.</exception>
    public FineTuneOptions ReadOptions() => ReadOptions(ConfigFile);

    /// <summary>Reads options from any file of the same form.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The options.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is malformed or has options that do not exist.</exception>
    public static FineTuneOptions ReadOptions(string path) => Read<FineTuneOptions>(path);

    /// <summary>The options as the text of a configuration file.</summary>
    /// <param name="options">The options.</param>
    /// <returns>JSON that <see cref="ReadOptions(string)"/> reads.</returns>
    public static string ToJson(FineTuneOptions options) => JsonSerializer.Serialize(Check.NotNull(options), Json);

    /// <summary>Reads the label names.</summary>
    /// <returns>The names; empty for a run on numbers.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is malformed.</exception>
    public IReadOnlyList<string> ReadLabels() => Read<string[]>(LabelsFile);

    /// <summary>Reads how the run ended.</summary>
    /// <returns>The result; null while the run has not ended.</returns>
    /// <exception cref="InvalidDataException">The file is malformed.</exception>
    public TrainingResult? ReadResult() => File.Exists(ResultFile) ? Read<TrainingResult>(ResultFile) : null;

    internal static void Write<T>(string path, T value) =>
        AtomicFile.WriteText(path, JsonSerializer.Serialize(value, Json) + "\n");

    internal static T Read<T>(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such file; wanted a file of a fine-tuning run.", path);
        }

        try
        {
            using var stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<T>(stream, Json) ?? throw new JsonException("it is empty.");
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            throw new InvalidDataException($"{path}: {error.Message}", error);
        }
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);

    // Only what a run writes is removed; what a user put beside it stays.
    private void Clear()
    {
        foreach (var file in new[]
        {
            ConfigFile, MetricsFile, LabelsFile, ResultFile, DataFile, CurveFile, CurveDrawing, StartFile, SpectrumFile,
            SpectrumDrawing, ReadmeFile,
        })
        {
            File.Delete(file);
        }

        foreach (var folder in new[] { AdapterFolder, ModelFolder, CheckpointFolder, EventsFolder }.Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
