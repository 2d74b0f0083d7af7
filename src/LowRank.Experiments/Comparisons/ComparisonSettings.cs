using System.Security.Cryptography;
using System.Text.Json.Nodes;
using LowRank.Adapters;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Metrics;
using LowRank.FineTuning.Runs;
using LowRank.Transformers.Weights;

namespace LowRank.Experiments.Comparisons;

/// <summary>
/// What all runs of a comparison share and what makes them comparable; what <c>comparison.json</c> holds.
/// </summary>
/// <remarks>Files are known by their contents, so that a comparison can go on elsewhere.</remarks>
public sealed record ComparisonSettings
{
    /// <summary>The model's name, or its folder's.</summary>
    public required string Model { get; init; }

    /// <summary>A digest of its weights.</summary>
    public required string ModelDigest { get; init; }

    /// <summary>The training file's name.</summary>
    public required string Data { get; init; }

    /// <summary>A digest of all rows.</summary>
    public required string DataDigest { get; init; }

    /// <summary>The rows that training rows are drawn from, per seed.</summary>
    public required int TrainingRows { get; init; }

    /// <summary>The rows that choose the kept step and the learning rate, beside the training rows.</summary>
    public required int ValidationRows { get; init; }

    /// <summary>Whether they come from the training file, drawn anew for each seed, or from a file of their own.</summary>
    public required bool ValidationFromTrainingFile { get; init; }

    /// <summary>The rows that choose nothing and that scores are reported on.</summary>
    public required int TestRows { get; init; }

    /// <summary>Whether they come from the training file, set aside first, or from a file of their own.</summary>
    public required bool TestFromTrainingFile { get; init; }

    /// <summary>Test rows whose text is among the rows to learn from too.</summary>
    public required int SeenTestRows { get; init; }

    /// <summary>The name of the score.</summary>
    public required string Score { get; init; }

    /// <summary>Whether a higher score is the better one.</summary>
    public required bool HigherIsBetter { get; init; }

    /// <summary>Steps of warm-up; below 1, their share.</summary>
    public required double WarmUp { get; init; }

    /// <summary>Shares of the first training loss whose steps are counted.</summary>
    public required IReadOnlyList<double> LossLevels { get; init; }

    /// <summary>The options of all runs; what differs from run to run has its default here.</summary>
    public required FineTuneOptions Common { get; init; }

    /// <summary>What a run counts for that has no usable score: nothing learned, or an error without bounds.</summary>
    internal double WorstScore => HigherIsBetter ? 0 : double.PositiveInfinity;

    internal static ComparisonSettings Of(ComparisonOptions options, ComparisonRows rows)
    {
        var common = options.Common;
        var kind = rows.Test.Kind;
        var metric = common.Metric is { } name ? Metric.Find(name)
            : kind == LabelKind.Numbers ? Metric.Pearson : kind == LabelKind.Texts ? Metric.Loss : Metric.Accuracy;
        return new()
        {
            Model = common.ModelName ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(common.ModelFolder))),
            ModelDigest = DigestOf(CheckpointFolder.Find(common.ModelFolder)),
            Data = Path.GetFileName(options.Data.TrainingFile),
            DataDigest = rows.Fingerprint(),
            TrainingRows = rows.TrainingRows,
            ValidationRows = rows.ValidationRows,
            ValidationFromTrainingFile = options.Data.ValidationFile is null,
            TestRows = rows.Test.Count,
            TestFromTrainingFile = options.TestFile is null,
            SeenTestRows = rows.SeenTestRows,
            Score = metric.Name,
            HigherIsBetter = metric.GreaterIsBetter,
            WarmUp = options.WarmUp,
            LossLevels = options.LossLevels,
            Common = common with
            {
                ModelFolder = "",
                ModelName = null,
                Revision = null,
                Data = null,
                Adapter = new LoraOptions { Dropout = (common.Adapter as FactorOptions)?.Dropout ?? 0 },
                Metric = metric.Name,
                Generator = kind == LabelKind.Texts ? common.Generator ?? new() : common.Generator,
                Training = common.Training with
                {
                    LearningRate = null,
                    Seed = 0,
                    KeepBest = true,
                },
            },
        };
    }

    /// <summary>Refuses other settings: their runs could not be compared.</summary>
    /// <exception cref="InvalidDataException">Something differs; the text lists it.</exception>
    internal void RequireSame(ComparisonSettings other, string folder)
    {
        var (mine, theirs) = (Facts(), other.Facts());
        var differing = mine.Keys.Union(theirs.Keys)
            .Where(key => mine.GetValueOrDefault(key) != theirs.GetValueOrDefault(key))
            .Select(key => $"{key} is {theirs.GetValueOrDefault(key, "null")} there, {mine.GetValueOrDefault(key, "null")} here")
            .ToList();
        if (differing.Count > 0)
        {
            throw new InvalidDataException(
                $"{folder}: holds a comparison under other conditions: {string.Join("; ", differing)}. "
                    + "Use the same options, or another folder.");
        }
    }

    // A model or a file under another name is still the same.
    private Dictionary<string, string> Facts() =>
        Flatten(JsonNode.Parse(ExperimentJson.ToText(this with { Model = "", Data = "" })), "");

    private static Dictionary<string, string> Flatten(JsonNode? node, string path) => node is JsonObject parts
        ? parts.SelectMany(part => Flatten(part.Value, path.Length == 0 ? part.Key : $"{path}.{part.Key}")).ToDictionary()
        : new() { [path] = node?.ToJsonString() ?? "null" };

    private static string DigestOf(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream).AsSpan(0, 16));
    }
}
