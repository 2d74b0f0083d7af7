using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using LowRank.Adapters;
using LowRank.FineTuning.Training;

namespace LowRank.FineTuning.Checkpoints;

/// <summary>What must be the same for a run to go on exactly: its options, its adapters, its data.</summary>
internal sealed class RunIdentity
{
    private static readonly JsonSerializerOptions Json = new()
    {
        IgnoreReadOnlyProperties = true,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly JsonObject _facts;

    public RunIdentity(TrainingOptions options, AdapterSet adapters, LearningTask task) => _facts = new JsonObject
    {
        ["training"] = JsonSerializer.SerializeToNode(options, Json),
        ["adapter"] = JsonSerializer.SerializeToNode(adapters.Options, Json),
        ["data"] = task.Fingerprint,
        ["rows"] = task.Rows,
    };

    public string ToJson() => _facts.ToJsonString();

    /// <exception cref="InvalidDataException">Something differs; each difference is listed.</exception>
    public void RequireSame(string path, string saved)
    {
        JsonNode? other;
        try
        {
            other = JsonNode.Parse(saved);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path}: got no readable options; wanted a checkpoint.", error);
        }

        var (mine, theirs) = (Flatten(_facts), Flatten(other));
        var differing = mine.Keys.Union(theirs.Keys)
            .Where(key => mine.GetValueOrDefault(key) != theirs.GetValueOrDefault(key))
            .Select(key => $"{key}: the checkpoint has {theirs.GetValueOrDefault(key) ?? "nothing"}, "
                + $"this run {mine.GetValueOrDefault(key) ?? "nothing"}")
            .ToList();
        if (differing.Count > 0)
        {
            throw new InvalidDataException(
                $"{path}: the checkpoint is of another run. {string.Join("; ", differing)}. "
                    + "Resume with the run's own options and data, or start a new run.");
        }
    }

    private static Dictionary<string, string> Flatten(JsonNode? node, string path = "") => node switch
    {
        JsonObject parts => parts
            .SelectMany(part => Flatten(part.Value, path.Length == 0 ? part.Key : $"{path}.{part.Key}"))
            .ToDictionary(),
        _ => new Dictionary<string, string> { [path] = node?.ToJsonString() ?? "null" },
    };
}
