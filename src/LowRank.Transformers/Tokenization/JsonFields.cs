using System.Globalization;
using System.Text.Json;

namespace LowRank.Transformers.Tokenization;

/// <summary>Reads JSON files of tokenizers with faults that say where, what was found and what is wanted.</summary>
internal static class JsonFields
{
    /// <summary>Ids above this are a fault of the file: no vocabulary is near it.</summary>
    public const int LargestId = (1 << 28) - 1;

    /// <summary>The root of a JSON file, which must be an object.</summary>
    /// <exception cref="InvalidDataException">The file is not JSON, or not an object.</exception>
    public static JsonElement ReadObject(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw Fault(path, "", document.RootElement, "an object");
        }
        catch (JsonException fault)
        {
            var line = fault.LineNumber + 1;
            throw new InvalidDataException(
                string.Create(CultureInfo.InvariantCulture, $"{path}, line {line}: not JSON: {fault.Message}"), fault);
        }
    }

    /// <summary>The field, or null when it is absent or null.</summary>
    public static JsonElement? Field(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty(name, out var value)
        && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    /// <summary>A text field; null when it is absent.</summary>
    public static string? Text(this JsonElement element, string name, string path) =>
        element.Field(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Fault(path, name, value, "a text");

    /// <summary>A true-or-false field; null when it is absent.</summary>
    public static bool? Flag(this JsonElement element, string name, string path) =>
        element.Field(name) is not { } value ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Fault(path, name, value, "true or false");

    /// <summary>A whole-number field that must be there.</summary>
    public static int Whole(this JsonElement element, string name, string path) =>
        element.Field(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number)
            ? number
            : throw Fault(path, name, element.Field(name), "a whole number");

    /// <summary>The value as a token id.</summary>
    public static int Id(this JsonElement value, string name, string path) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var id) && id is >= 0 and <= LargestId
            ? id
            : throw Fault(path, name, value, $"an id of 0 to {LargestId}");

    /// <summary>The items of a list field; none when it is absent.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string name, string path) =>
        element.Field(name) is not { } value ? []
        : value.ValueKind == JsonValueKind.Array ? value.EnumerateArray()
        : throw Fault(path, name, value, "a list");

    /// <summary>Pieces and ids of an object such as <c>{"the": 5}</c>.</summary>
    public static Dictionary<string, int> Vocabulary(JsonElement? vocabulary, string path)
    {
        if (vocabulary is not { ValueKind: JsonValueKind.Object } pieces)
        {
            throw Fault(path, "vocab", vocabulary, "an object of pieces and ids");
        }

        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var piece in pieces.EnumerateObject())
        {
            ids[piece.Name] = piece.Value.Id($"vocab '{piece.Name}'", path);
        }

        return ids.Count > 0 ? ids : throw new InvalidDataException($"{path}: the vocabulary is empty.");
    }

    /// <summary>The error for a field that is not as it should be.</summary>
    public static InvalidDataException Fault(string path, string name, JsonElement? got, string wanted)
    {
        var text = got is { } value ? value.GetRawText() : "nothing";
        var shown = text.Length > 60 ? text[..60] + "..." : text;
        var what = name.Length > 0 ? name : "the file";
        return new InvalidDataException($"{path}: {what} is {shown}; wanted {wanted}.");
    }
}
