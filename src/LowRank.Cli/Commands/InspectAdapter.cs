using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LowRank.Tensors;
using LowRank.Transformers.Weights;
using static TorchSharp.torch;

namespace LowRank.Cli.Commands;

/// <summary>Looks into an adapter's folder: its configuration, and how large and how low-rank each update is.</summary>
internal static class InspectAdapter
{
    private const string ConfigName = "adapter_config.json";
    private static readonly string[] Keys = ["peft_type", "task_type", "base_model_name_or_path", "revision", "r", "lora_alpha", "modules_to_save"];
    private static readonly (string A, string B)[] Pairs =
        [(".lora_A.weight", ".lora_B.weight"), (".lora_embedding_A", ".lora_embedding_B")];

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

        using var source = Open(path);
        var names = source.Entries.Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
        var scale = Scale(config);
        var updates = names.Order(StringComparer.Ordinal)
            .SelectMany(name => Pairs.Where(pair => name.EndsWith(pair.A, StringComparison.Ordinal))
                .Select(pair => (Path: name[..^pair.A.Length], A: name, B: name[..^pair.A.Length] + pair.B)))
            .Where(update => names.Contains(update.B))
            .ToList();
        var adapted = updates.SelectMany(update => new[] { update.A, update.B }).ToHashSet(StringComparer.Ordinal);
        var others = source.Entries.Where(entry => !adapted.Contains(entry.Name)).ToList();
        facts["layers adapted"] = updates.Count.ToString(CultureInfo.InvariantCulture);
        facts["numbers"] = source.Entries.Sum(entry => entry.Count).ToString("N0", CultureInfo.InvariantCulture);
        var list = new InspectionTable(
            ["layer", "update", "rank", "largest singular value", "effective rank"],
            [.. updates.Select(update => Row(source, update.Path, update.A, update.B, scale))],
            LeftAligned: 2);
        return new(path, "an adapter", facts, others.Count == 0 ? [list] :
        [
            list,
            new(["stored in full", "shape"], [.. others.Select(entry => (string[])[entry.Name, entry.ShapeText])], LeftAligned: 2),
        ]);
    }

    private static TensorSource Open(string path)
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

    private static double Scale(JsonObject config)
    {
        static double? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<double>(out var number) ? number : null;
        var (rank, alpha) = (Number(config["r"]) ?? 8, Number(config["lora_alpha"]) ?? 8);
        var stabilised = config["use_rslora"] is JsonValue flag && flag.TryGetValue<bool>(out var on) && on;
        return alpha / (stabilised ? Math.Sqrt(rank) : rank);
    }

    // B A has the singular values of the small product of both triangular factors.
    private static string[] Row(TensorSource source, string layer, string a, string b, double scale)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        Tensor first = source.Read(a).to(ScalarType.Float64), last = source.Read(b).to(ScalarType.Float64);
        if (first.dim() != 2 || last.dim() != 2 || first.shape[0] != last.shape[1])
        {
            throw new InvalidDataException(
                $"{source.Path}: '{a}' and '{b}': got {TensorEntry.Describe(first.shape)} and {TensorEntry.Describe(last.shape)}; "
                    + "wanted [rank, in] and [out, rank].");
        }

        var values = Spectrum.SingularValues(linalg.qr(last).R.mm(linalg.qr(first.t()).R.t()) * scale);
        return
        [
            layer,
            FormattableString.Invariant($"{first.shape[1]} -> {last.shape[0]}"),
            first.shape[0].ToString(CultureInfo.InvariantCulture),
            values.Max().ToString("G4", CultureInfo.InvariantCulture),
            Spectrum.EffectiveRank(values).ToString("0.0", CultureInfo.InvariantCulture),
        ];
    }
}
