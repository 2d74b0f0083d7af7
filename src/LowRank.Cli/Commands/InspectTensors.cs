using System.Globalization;
using System.Text.Json;
using LowRank.Tensors;
using LowRank.Transformers.Tokenization;
using LowRank.Transformers.Weights;

namespace LowRank.Cli.Commands;

/// <summary>Looks into files of tensors and model folders.</summary>
internal static class InspectTensors
{
    // What tells most about a model of any family, as its configuration spells it.
    private static readonly string[] Keys =
    [
        "model_type", "architectures", "vocab_size", "hidden_size", "dim", "n_embd", "d_model", "num_hidden_layers", "n_layers",
        "n_layer", "num_layers", "num_attention_heads", "n_heads", "n_head", "intermediate_size", "hidden_dim", "d_ff",
        "max_position_embeddings", "n_positions", "type_vocab_size", "id2label", "torch_dtype", "dtype",
    ];

    public static Inspection File(string path, bool all)
    {
        using var source = CheckpointFolder.OpenFile(path);
        var facts = Count(source);
        if (path.EndsWith(".safetensors", StringComparison.Ordinal))
        {
            using var file = SafeTensorsFile.Open(path);
            foreach (var (key, value) in file.Metadata)
            {
                facts[$"metadata {key}"] = value.Length > 120 ? $"{value[..120]}..." : value;
            }
        }

        return new(path, "a file of tensors", facts, [Table(source.Entries, all)]);
    }

    public static Inspection Model(string path, bool all)
    {
        var facts = Configuration(Path.Combine(path, "config.json"));
        facts["tokenizer"] = Tokenizer(path);
        using var source = CheckpointFolder.Open(path);
        foreach (var (key, value) in Count(source))
        {
            facts[key] = value;
        }

        return new(path, "a model", facts, [Table(source.Entries, all)]);
    }

    private static Dictionary<string, string> Configuration(string path)
    {
        var facts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!System.IO.File.Exists(path))
        {
            facts["config.json"] = "missing";
            return facts;
        }

        try
        {
            using var json = JsonDocument.Parse(System.IO.File.ReadAllBytes(path));
            foreach (var key in Keys)
            {
                if (json.RootElement.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null)
                {
                    facts[key] = value.ValueKind is JsonValueKind.Array or JsonValueKind.Object ? JsonSerializer.Serialize(value) : value.ToString();
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path}: got no JSON object ({e.Message}); wanted a model's configuration.", e);
        }

        return facts;
    }

    // A model without a tokenizer, or with one of another kind, can still be looked at.
    private static string Tokenizer(string path)
    {
        try
        {
            return TextEncoders.Load(path).Description;
        }
        catch (Exception e) when (e is FileNotFoundException or InvalidDataException)
        {
            return e is FileNotFoundException ? "none" : $"not readable: {e.Message}";
        }
    }

    private static Dictionary<string, string> Count(TensorSource source) => new(StringComparer.Ordinal)
    {
        ["weights"] = source.Path,
        ["tensors"] = Number(source.Entries.Count),
        ["numbers"] = Number(source.Entries.Sum(entry => entry.Count)),
        ["size"] = string.Create(CultureInfo.InvariantCulture, $"{source.Entries.Sum(entry => entry.ByteLength) / 1e6:0.0} MB"),
        ["number formats"] = string.Join(", ", source.Entries.Select(entry => entry.Dtype.FileName()).Distinct()),
    };

    private static InspectionTable Table(IReadOnlyList<TensorEntry> entries, bool all)
    {
        var groups = all
            ? entries.Select(entry => (Name: entry.Name, Entry: entry, Count: 1))
            : entries.GroupBy(entry => (LayerNames.Starred(entry.Name), entry.Dtype, entry.ShapeText))
                .Select(group => (
                    Name: group.Count() == 1 ? group.First().Name : group.Key.Item1, Entry: group.First(), Count: group.Count()));
        return new(
            ["tensor", "shape", "format", "how many", "numbers"],
            [.. groups.Select(group => (string[])
            [
                group.Name, group.Entry.ShapeText, group.Entry.Dtype.FileName(), Number(group.Count),
                Number(group.Count * group.Entry.Count),
            ])],
            LeftAligned: 3);
    }

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
