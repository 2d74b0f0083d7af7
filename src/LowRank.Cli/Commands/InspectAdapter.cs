using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LowRank.FineTuning.Runs;
using LowRank.Transformers.Weights;

namespace LowRank.Cli.Commands;

/// <summary>Looks into an adapter's folder: its configuration, and how large and how low-rank each update is.</summary>
internal static class InspectAdapter
{
    public const string ConfigName = "adapter_config.json";
    private static readonly string[] Keys =
        ["peft_type", "task_type", "base_model_name_or_path", "revision", "r", "lora_alpha", "use_dora", "modules_to_save"];

    public static Inspection Folder(string path)
    {
        var config = Read(Path.Combine(path, ConfigName));
        var facts = Keys.Where(key => config[key] is not null)
            .ToDictionary(key => key, key => config[key]!.ToJsonString().Trim('"'), StringComparer.Ordinal);
        foreach (var (file, method) in new[] { ("deep_lora.json", "Deep LoRA"), ("lora.json", "LoRA") })
        {
            if (File.Exists(Path.Combine(path, file)))
            {
                facts["factors as trained"] = $"{method}, {JsonNode.Parse(File.ReadAllText(Path.Combine(path, file)))?.ToJsonString()}";
            }
        }

        // A run's adapter has its start and its base model one folder up.
        var parent = Path.GetDirectoryName(Path.GetFullPath(path));
        var updates = parent is not null && RunFolder.IsRun(parent)
            ? InspectUpdates.OfRun(RunFolder.Open(parent))
            : InspectUpdates.Of(path, config["base_model_name_or_path"]?.ToString(), startFile: null);
        using var source = Open(path);
        var others = source.Entries.Where(entry => !InspectUpdates.IsFactor(entry.Name)).ToList();
        facts["layers adapted"] = updates.Layers.Count.ToString(CultureInfo.InvariantCulture);
        updates.Describe(facts);
        facts["numbers"] = source.Entries.Sum(entry => entry.Count).ToString("N0", CultureInfo.InvariantCulture);
        InspectionTable[] full = others.Count == 0 ? [] :
        [
            new(["stored in full", "shape"], [.. others.Select(entry => (string[])[entry.Name, entry.ShapeText])], LeftAligned: 2),
        ];
        return new(path, "an adapter", facts, [.. updates.Tables(), .. full]) { Layers = updates.Layers };
    }

    public static TensorSource Open(string path)
    {
        var weights = Path.Combine(path, "adapter_model.safetensors");
        return CheckpointFolder.OpenFile(File.Exists(weights) ? weights : Path.Combine(path, "adapter_model.bin"));
    }

    private static JsonObject Read(string path)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new JsonException("it is no object.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: got malformed JSON ({e.Message}); wanted PEFT's configuration.", e);
        }
    }
}
