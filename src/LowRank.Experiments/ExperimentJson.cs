using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using LowRank.Tensors;

namespace LowRank.Experiments;

/// <summary>How the files of experiments are written: like those of a fine-tuning run.</summary>
internal static class ExperimentJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        AllowOutOfOrderMetadataProperties = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower), new NumberRowConverter() },
    };

    public static string ToText<T>(T value) => JsonSerializer.Serialize(value, Options) + "\n";

    public static void Write<T>(string path, T value) => AtomicFile.WriteText(path, ToText(value));

    /// <exception cref="InvalidDataException">The file is malformed.</exception>
    public static T Read<T>(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<T>(stream, Options) ?? throw new JsonException("it is empty.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path}: {error.Message} Delete the file to have it made anew.", error);
        }
    }
}
