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
        AllowOutOfOrderMetadataProperties = true,
        Converters = { new JsonStringEnumConverter() },
    };

    private static readonly string[] Stems = ["deep_lora", "lora"];

    internal static void Write(string folder, AdapterSet set, bool wanted = true)
    {
        foreach (var stem in Stems)
        {
            File.Delete(Path.Combine(folder, $"{stem}.json"));
            File.Delete(Path.Combine(folder, $"{stem}.safetensors"));
        }

        if (!wanted || !IsNeeded(set))
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
            JsonSerializer.Serialize(set.Options, Json) + "\n");
    }

    /// <summary>The adapters with their own factors; null when the folder has no side file.</summary>
    internal static (FactorOptions Options, IReadOnlyList<Adapter> Adapters)? Read(
        string folder, IReadOnlyList<AdaptedLayer> layers)
    {
        var stem = StemIn(folder);
        if (stem is null)
        {
            return null;
        }

        var options = Parse(Path.Combine(folder, $"{stem}.json"));
        var path = Path.Combine(folder, $"{stem}.safetensors");
        using var tensors = TensorMap.Load(path);
        var names = layers.SelectMany(layer => Shapes(layer, options, 1)).Select(shape => shape.Name)
            .ToHashSet(StringComparer.Ordinal);
        var differing = names.Except(tensors.Names).Concat(tensors.Names.Except(names)).ToList();
        return differing.Count == 0
            ? (options, [.. layers.Select(layer => Load(path, layer, options, tensors))])
            : throw new InvalidDataException(
                $"{path}: missing or unexpected factors ({differing.Count}): {string.Join(", ", differing)}.");
    }

    /// <summary>The options alone; null when the folder has no side file.</summary>
    internal static FactorOptions? ReadOptions(string folder) =>
        StemIn(folder) is { } stem ? Parse(Path.Combine(folder, $"{stem}.json")) : null;

    private static string? StemIn(string folder) =>
        Stems.FirstOrDefault(stem => File.Exists(Path.Combine(folder, $"{stem}.json")));

    // PEFT's own files say everything about LoRA of scale 1 and of one learning rate; anything else needs the side file.
    // It holds one set of options: layers of several ranks or scales, as a foreign adapter has them, go without.
    private static bool IsNeeded(AdapterSet set) => set.Options switch
    {
        LoraOptions lora when set.Adapters.Any(adapter => adapter.Scale != lora.Scale || !HasRank(adapter, lora)) => false,
        LoraOptions lora => lora.RateRatioB != 1 || lora.IsAnchored || lora.Scale != 1,
        FactorOptions => true,
        _ => false,
    };

    private static bool HasRank(Adapter adapter, LoraOptions lora) =>
        adapter.Rank == (lora.IsAnchored ? 2 : 1) * lora.Rank;

    private static FactorOptions Parse(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<AdapterOptions>(stream, Json) as FactorOptions
                ?? throw new JsonException("it names no adapter of factors.");
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            throw new InvalidDataException($"{path}: got malformed options ({error.Message}).", error);
        }
    }

    private static IEnumerable<(string Name, long[] Shape)> Shapes(
        AdaptedLayer layer, FactorOptions options, long rank) =>
        options.FactorShapes(layer, rank).Select(factor => ($"{layer.Path}.{factor.Name}", factor.Shape));

    private static Adapter Load(string path, AdaptedLayer layer, FactorOptions options, TensorMap tensors)
    {
        var first = tensors[Shapes(layer, options, 1).First().Name].shape;
        var rank = first.Length == 2 ? first[layer.IsEmbedding ? 1 : 0] : 0;
        var wanted = Shapes(layer, options, rank).ToList();
        var wrong = wanted.Where(factor => !tensors[factor.Name].shape.SequenceEqual(factor.Shape))
            .Select(factor => factor.Name).ToList();
        return wrong.Count == 0
            ? options.Restore(layer, [.. wanted.Select(factor => AdapterStart.Place(layer, tensors[factor.Name]))])
            : throw new InvalidDataException(
                $"{path}: {layer}: the shapes do not fit the layer ({string.Join(", ", wrong)}).");
    }
}
