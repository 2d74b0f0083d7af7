using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LowRank.Experiments;

/// <summary>Writes a list of numbers in one line: a curve of a thousand points is then a thousand lines, not four thousand.</summary>
internal sealed class NumberRowConverter : JsonConverter<IReadOnlyList<double>>
{
    public override IReadOnlyList<double> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("wanted a list of numbers.");
        }

        var numbers = new List<double>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            numbers.Add(reader.TokenType == JsonTokenType.String
                ? double.Parse(reader.GetString()!, CultureInfo.InvariantCulture)
                : reader.GetDouble());
        }

        return numbers;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<double> value, JsonSerializerOptions options) =>
        writer.WriteRawValue($"[{string.Join(", ", value.Select(Text))}]");

    // As the serializer itself writes the numbers that JSON lacks.
    private static string Text(double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        return double.IsFinite(number) ? text : $"\"{text}\"";
    }
}
