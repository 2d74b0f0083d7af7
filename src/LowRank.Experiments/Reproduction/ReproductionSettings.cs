using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using LowRank.Tensors;

namespace LowRank.Experiments.Reproduction;

/// <summary>What the runs of a folder share.</summary>
/// <param name="Target">The target's id.</param>
/// <param name="Scale">The scale.</param>
/// <param name="Settings">The target's settings.</param>
/// <param name="Language">The model and tasks chosen; null for those of the target, and where there are none.</param>
/// <param name="Device">Where the runs computed; null for the CPU.</param>
internal sealed record ReproductionSettings(
    string Target,
    ReproductionScale Scale,
    JsonNode Settings,
    LanguageSource? Language = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Device = null)
{
    /// <summary>Refuses other settings: their runs do not belong together.</summary>
    /// <exception cref="InvalidDataException">Something differs; the text lists it.</exception>
    public void RequireSame(ReproductionSettings other, string folder)
    {
        var (mine, theirs) = (Facts(), other.Facts());
        var differing = mine.Keys.Union(theirs.Keys).Where(key => mine.GetValueOrDefault(key) != theirs.GetValueOrDefault(key))
            .Select(key => $"{key} is {theirs.GetValueOrDefault(key, "null")} there, {mine.GetValueOrDefault(key, "null")} here")
            .ToList();
        if (differing.Count > 0)
        {
            throw new InvalidDataException(
                $"{folder}: holds runs under other settings: {string.Join("; ", differing)}. Choose another folder.");
        }
    }

    private Dictionary<string, string> Facts() => new(Settings.AsObject().Select(
        pair => KeyValuePair.Create(pair.Key, pair.Value?.ToJsonString() ?? "null")))
    {
        ["target"] = Target,
        ["scale"] = Scale.ToString(),
        ["model"] = Language?.Model ?? "the built-in one",
        ["device"] = Device ?? ComputeDevice.Cpu,
        ["tasks"] = Language?.Tasks is { } tasks ? string.Join(',', tasks) : "the target's",
    };
}
