using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LowRank.Tensors;

namespace LowRank.Transformers.Weights;

/// <summary>Writes a model's <c>config.json</c> as Hugging Face's loaders want it.</summary>
internal static class ConfigJson
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>A real number with its decimal point: transformers 5 refuses 1 where it wants a float.</summary>
    /// <param name="number">The number.</param>
    /// <returns>1.0 for 1.</returns>
    public static JsonNode Real(double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        return JsonNode.Parse(text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0")!;
    }

    /// <summary>Writes <c>config.json</c> beside, then renames.</summary>
    /// <param name="folder">The folder; made when missing.</param>
    /// <param name="json">The settings.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string folder, JsonObject json) =>
        AtomicFile.WriteText(Path.Combine(Check.NotBlank(folder), "config.json"), json.ToJsonString(Indented) + "\n");
}
