using System.Text.Json;
using System.Text.Json.Nodes;
using LowRank.Tensors;

namespace LowRank.Adapters;

/// <summary>
/// The file <c>adapter_config.json</c>: the parts of PEFT's LoRA configuration that change the numbers.
/// </summary>
internal sealed record PeftConfig
{
    internal const string FileName = "adapter_config.json";

    // PEFT's own word for an adapter without layers, whose heads alone are trained.
    private const string NoTargets = "dummy-target-modules";

    // Options of PEFT that would change the output and that this reader does not have; the value is what switches off.
    private static readonly Dictionary<string, string[]> Unsupported = new(StringComparer.Ordinal)
    {
        ["use_qalora"] = ["false"],
        ["alora_invocation_tokens"] = ["null"],
        ["trainable_token_indices"] = ["null"],
        ["target_parameters"] = ["null", "[]"],
        ["layer_replication"] = ["null"],
    };

    /// <summary>The model that the adapter belongs to.</summary>
    public PeftBase Base { get; init; } = new(null, null);

    public int Rank { get; init; } = 8;

    public double Alpha { get; init; } = 8;

    public bool UseRsLora { get; init; }

    public bool UseDora { get; init; }

    /// <summary>Whether the factors B have biases of their own.</summary>
    public bool LoraBias { get; init; }

    public TrainedBiases Biases { get; init; }

    public double Dropout { get; init; }

    public IReadOnlyDictionary<string, double> RankPattern { get; init; } = new Dictionary<string, double>();

    public IReadOnlyDictionary<string, double> AlphaPattern { get; init; } = new Dictionary<string, double>();

    /// <summary>Null when the file names no targets.</summary>
    public TargetSelector? Targets { get; init; }

    /// <summary>Whether no layer is adapted: heads alone are trained.</summary>
    public bool HeadOnly { get; init; }

    public IReadOnlyList<string> ModulesToSave { get; init; } = [];

    internal static PeftConfig Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"{path}: no such file. A PEFT adapter folder has {FileName} and {PeftFolder.WeightsName}.", path);
        }

        try
        {
            var json = JsonNode.Parse(File.ReadAllText(path)) as JsonObject
                ?? throw new JsonException("the file is not an object.");
            RequireSupported(path, json);
            return new PeftConfig
            {
                Base = new(json["base_model_name_or_path"]?.GetValue<string>(), json["revision"]?.GetValue<string>()),
                Rank = json["r"]?.GetValue<int>() ?? 8,
                Alpha = json["lora_alpha"]?.GetValue<double>() ?? 8,
                UseRsLora = json["use_rslora"]?.GetValue<bool>() ?? false,
                UseDora = json["use_dora"]?.GetValue<bool>() ?? false,
                LoraBias = json["lora_bias"]?.GetValue<bool>() ?? false,
                Biases = BiasesOf(json),
                HeadOnly = (json["target_modules"] as JsonValue)?.ToString() == NoTargets,
                Dropout = json["lora_dropout"]?.GetValue<double>() ?? 0,
                RankPattern = Pattern(json["rank_pattern"]),
                AlphaPattern = Pattern(json["alpha_pattern"]),
                ModulesToSave = Names(json["modules_to_save"]),
                Targets = Selector(json),
            };
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException(
                $"{path}: got a malformed configuration ({error.Message}); wanted PEFT's JSON.", error);
        }
    }

    /// <summary>The options of the adapter on a layer, its patterns resolved.</summary>
    internal LoraOptions OptionsFor(string path)
    {
        // A pattern's key is the tail of a path: ^(.*\.)?(key)$ in PEFT.
        double? Match(IReadOnlyDictionary<string, double> patterns)
        {
            var key = patterns.Keys.FirstOrDefault(key =>
                System.Text.RegularExpressions.Regex.IsMatch(path, $@"\A(.*\.)?({key})\z"));
            return key is null ? null : patterns[key];
        }

        return new LoraOptions
        {
            Rank = (int)(Match(RankPattern) ?? Rank),
            Alpha = Match(AlphaPattern) ?? Alpha,
            UseRsLora = UseRsLora,
            UseDora = UseDora,
            Dropout = Dropout,
        };
    }

    /// <summary>Writes the configuration of adapters of scale 1, keys sorted as PEFT does.</summary>
    internal static void Write(
        string path, AdapterSet set, PeftLayers layers, IReadOnlyList<string> heads, PeftOptions options)
    {
        var json = new JsonObject
        {
            ["alpha_pattern"] = layers.RankPattern(),
            ["base_model_name_or_path"] = options.BaseModel,
            ["bias"] = PeftBiases.Of(set).Word(),
            ["exclude_modules"] = null,
            ["fan_in_fan_out"] = false,
            ["inference_mode"] = true,
            ["init_lora_weights"] = true,
            ["layers_pattern"] = null,
            ["layers_to_transform"] = null,
            ["lora_alpha"] = layers.Rank,
            ["lora_dropout"] = set.Options is FactorOptions factors ? factors.Dropout : 0,
            ["modules_to_save"] = heads.Count == 0 ? null : Array(heads),
            ["peft_type"] = "LORA",
            ["r"] = layers.Rank,
            ["rank_pattern"] = layers.RankPattern(),
            ["revision"] = options.Revision,
            ["target_modules"] = layers.Count == 0 ? NoTargets : Array(layers.Paths),
            ["task_type"] = options.TaskType,
            ["use_dora"] = layers.HasMagnitudes,
            ["use_rslora"] = false,
        };
        AtomicFile.WriteText(path, json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
    }

    private static JsonArray Array(IReadOnlyList<string> names) => [.. names.Select(name => (JsonNode)name)];

    private static void RequireSupported(string path, JsonObject json)
    {
        var kind = json["peft_type"]?.ToJsonString() ?? "nothing";
        if (kind != "\"LORA\"")
        {
            throw new InvalidDataException($"{path}: peft_type: got {kind}; wanted \"LORA\", the only kind read here.");
        }

        foreach (var (key, allowed) in Unsupported)
        {
            if (json.TryGetPropertyValue(key, out var node) && (node?.ToJsonString() ?? "null") is var text
                && text != "null" && !allowed.Contains(text))
            {
                throw new InvalidDataException(
                    $"{path}: {key}: got {text}, which changes the output and is not supported; wanted {allowed[0]}.");
            }
        }
    }

    private static TrainedBiases BiasesOf(JsonObject json) => json["bias"]?.GetValue<string>() switch
    {
        null => TrainedBiases.None,
        var word => Enum.GetValues<TrainedBiases>().Cast<TrainedBiases?>().FirstOrDefault(one => one!.Value.Word() == word)
            ?? throw new JsonException($"bias: got \"{word}\"; wanted none, all or lora_only."),
    };

    private static Dictionary<string, double> Pattern(JsonNode? node) =>
        node is null ? [] : node.AsObject().ToDictionary(entry => entry.Key, entry => entry.Value!.GetValue<double>());

    private static IReadOnlyList<string> Names(JsonNode? node) =>
        node is null ? [] : [.. node.AsArray().Select(name => name!.GetValue<string>())];

    private static TargetSelector? Selector(JsonObject json)
    {
        // A choice of layer numbers only narrows the targets down; the weights then say which were taken.
        var selector = json["layers_to_transform"] is not null ? null : json["target_modules"] switch
        {
            null => null,
            JsonArray { Count: 0 } => null,
            JsonValue text when text.ToString() == NoTargets => null,
            JsonArray names => TargetSelector.ByName(Names(names)),
            var text when text.GetValue<string>() == TargetSelector.AllLinearWord => TargetSelector.AllLinear(),
            var text => TargetSelector.ByPattern(text.GetValue<string>()),
        };
        return json["exclude_modules"] is JsonArray exclude && selector is not null
            ? selector with { Exclude = Names(exclude) }
            : selector;
    }
}
