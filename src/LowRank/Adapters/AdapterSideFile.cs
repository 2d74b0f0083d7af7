using System.Text.Json;
using System.Text.Json.Serialization;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>
/// The factors as they are trained, beside the plain LoRA weights that they multiply out to: <c>deep_lora.json</c> and
/// <c>deep_lora.safetensors</c> (<c>lora.*</c> for LoRA whose scale is not 1).
/// </summary>
internal static class AdapterSideFile
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        IgnoreReadOnlyProperties = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter() },
    };

    private static readonly string[] Stems = ["deep_lora", "lora"];

    internal static void Write(string folder, AdapterSet set)
    {
        foreach (var stem in Stems)
        {
            File.Delete(Path.Combine(folder, $"{stem}.json"));
            File.Delete(Path.Combine(folder, $"{stem}.safetensors"));
        }

        if (set.Options is LoraOptions { RateRatioB: 1 } && set.Adapters.All(adapter => adapter.Scale == 1))
        {
            return;
        }

        using var tensors = new TensorMap();
        using var gradients = no_grad();
        foreach (var factor in set.Adapters.SelectMany(adapter => adapter.NamedFactors()))
        {
            tensors.Add(factor.Name, factor.Value.clone());
        }

        var name = Stems[set.Options is DeepLoraOptions ? 0 : 1];
        tensors.Save(Path.Combine(folder, $"{name}.safetensors"));
        AtomicFile.WriteText(
            Path.Combine(folder, $"{name}.json"),
            JsonSerializer.Serialize(set.Options, set.Options.GetType(), Json) + "\n");
    }

    /// <summary>The adapters with their own factors; null when the folder has no side file.</summary>
    internal static (AdapterOptions Options, IReadOnlyList<Adapter> Adapters)? Read(
        string folder, IReadOnlyList<AdaptedLayer> layers)
    {
        var stem = Stems.FirstOrDefault(stem => File.Exists(Path.Combine(folder, $"{stem}.json")));
        if (stem is null)
        {
            return null;
        }

        var options = ReadOptions(Path.Combine(folder, $"{stem}.json"), stem);
        var path = Path.Combine(folder, $"{stem}.safetensors");
        using var tensors = TensorMap.Load(path);
        var names = layers.SelectMany(layer => NamesOf(layer, options)).ToHashSet(StringComparer.Ordinal);
        var differing = names.Except(tensors.Names).Concat(tensors.Names.Except(names)).ToList();
        return differing.Count == 0
            ? (options, [.. layers.Select(layer => Load(path, layer, options, tensors))])
            : throw new InvalidDataException(
                $"{path}: missing or unexpected factors ({differing.Count}): {string.Join(", ", differing)}.");
    }

    private static AdapterOptions ReadOptions(string path, string stem)
    {
        try
        {
            using var stream = File.OpenRead(path);
            AdapterOptions? options = stem == "lora"
                ? JsonSerializer.Deserialize<LoraOptions>(stream, Json)
                : JsonSerializer.Deserialize<DeepLoraOptions>(stream, Json);
            return options ?? throw new JsonException("the file is empty.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path}: got malformed options ({error.Message}).", error);
        }
    }

    private static IEnumerable<string> NamesOf(AdaptedLayer layer, AdapterOptions options) =>
        options.FactorNames().Select(name => $"{layer.Path}.{name}");

    private static Adapter Load(string path, AdaptedLayer layer, AdapterOptions options, TensorMap tensors)
    {
        var factors = NamesOf(layer, options).Select(name => tensors[name]).ToList();
        var rank = factors[0].shape[layer.IsEmbedding ? 1 : 0];
        var fits = factors[0].shape[layer.IsEmbedding ? 0 : 1] == layer.Inputs
            && factors[^1].shape is [var outputs, var width] && outputs == layer.Outputs && width == rank
            && factors.Skip(1).SkipLast(1).All(factor => factor.shape is [var m, var n] && m == rank && n == rank);
        return fits
            ? options.Restore(layer, [.. factors.Select(factor => AdapterStart.Place(layer, factor))])
            : throw new InvalidDataException($"{path}: {layer}: the factors' shapes do not fit the layer.");
    }
}
