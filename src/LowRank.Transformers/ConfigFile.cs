using System.Globalization;
using System.Text.Json;
using LowRank.Tensors;

namespace LowRank.Transformers;

/// <summary>A model's <c>config.json</c>: typed values by key, every fault with path, key, got and wanted.</summary>
internal sealed class ConfigFile
{
    private readonly JsonElement _root;

    private ConfigFile(string path, JsonElement root)
    {
        Path = path;
        _root = root;
    }

    public string Path { get; }

    /// <summary>Reads the file; <paramref name="path"/> is the file itself or the folder that holds it.</summary>
    public static ConfigFile Read(string path)
    {
        Check.NotBlank(path);
        var file = Directory.Exists(path) ? System.IO.Path.Combine(path, "config.json") : path;
        if (!File.Exists(file))
        {
            throw new FileNotFoundException(
                $"{file}: not found; wanted the config.json of a model folder in the Hugging Face layout "
                + "(config.json, model.safetensors, tokenizer files).",
                file);
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            var root = document.RootElement.Clone();
            return root.ValueKind == JsonValueKind.Object
                ? new(file, root)
                : throw new InvalidDataException($"{file}: got a JSON {root.ValueKind}; wanted an object.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{file}: not valid JSON ({e.Message}); fetch the file again.", e);
        }
    }

    public bool Has(string key) => _root.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>A whole number of at least <paramref name="low"/>; the fallback where the key is absent.</summary>
    public int Whole(string key, int low, int? fallback = null)
    {
        if (!Has(key))
        {
            return fallback ?? throw Missing(key, $"a whole number of at least {low}");
        }

        var value = _root.GetProperty(key);
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= low
            ? number
            : throw Wrong(key, $"a whole number of at least {low}");
    }

    /// <summary>A number in [low, high]; the fallback where the key is absent or null.</summary>
    public double Number(string key, double low, double high, double fallback)
    {
        if (!Has(key))
        {
            return fallback;
        }

        var value = _root.GetProperty(key);
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number)
            && number >= low && number <= high
            ? number
            : throw Wrong(key, string.Create(CultureInfo.InvariantCulture, $"a number from {low} to {high}"));
    }

    /// <summary>A dropout rate; 0 to below 1.</summary>
    public double Rate(string key, double fallback) => Number(key, 0, 0.999, fallback);

    /// <summary>True or false; the fallback where the key is absent or null.</summary>
    public bool Flag(string key, bool fallback) =>
        !Has(key) ? fallback
        : _root.GetProperty(key).ValueKind is JsonValueKind.True or JsonValueKind.False
            ? _root.GetProperty(key).GetBoolean()
            : throw Wrong(key, "true or false");

    /// <summary>A text; the fallback where the key is absent.</summary>
    public string Text(string key, string? fallback = null)
    {
        if (!Has(key))
        {
            return fallback ?? throw Missing(key, "a text");
        }

        return _root.GetProperty(key) is { ValueKind: JsonValueKind.String } value
            ? value.GetString()!
            : throw Wrong(key, "a text");
    }

    /// <summary>Requires a key, where present, to have one value: anything else is another architecture.</summary>
    public void Only(string key, string wanted)
    {
        if (Has(key) && !string.Equals(_root.GetProperty(key).ToString(), wanted, StringComparison.OrdinalIgnoreCase))
        {
            throw Wrong(key, $"{wanted}, the only kind that is supported");
        }
    }

    /// <summary>Label names by number: <c>id2label</c>, else <c>num_labels</c>, else Hugging Face's two.</summary>
    public IReadOnlyList<string> Labels()
    {
        if (!Has("id2label"))
        {
            var count = Whole("num_labels", 1, 2);
            return [.. Enumerable.Range(0, count).Select(i => $"LABEL_{i.ToString(CultureInfo.InvariantCulture)}")];
        }

        const string Wanted = "an object from \"0\", \"1\", ... to label names";
        var map = _root.GetProperty("id2label");
        if (map.ValueKind != JsonValueKind.Object)
        {
            throw Wrong("id2label", Wanted);
        }

        var labels = new SortedDictionary<int, string>();
        foreach (var entry in map.EnumerateObject())
        {
            if (!int.TryParse(entry.Name, CultureInfo.InvariantCulture, out var id)
                || !labels.TryAdd(id, $"{entry.Value}"))
            {
                throw Wrong("id2label", Wanted);
            }
        }

        return labels.Count > 0 && labels.Keys.SequenceEqual(Enumerable.Range(0, labels.Count))
            ? [.. labels.Values]
            : throw Wrong("id2label", Wanted);
    }

    /// <summary>The fault of a value that cannot be used.</summary>
    public InvalidDataException Wrong(string key, string wanted) =>
        new($"{Path}: '{key}': got {(Has(key) ? Shown(key) : "nothing")}; wanted {wanted}.");

    private InvalidDataException Missing(string key, string wanted) =>
        new($"{Path}: '{key}': got nothing; wanted {wanted}. Is this the config.json of the right kind of model?");

    private string Shown(string key)
    {
        var text = _root.GetProperty(key).GetRawText();
        return text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 57), "...");
    }
}
