using System.Text;
using System.Text.Json;

namespace LowRank.Tensors;

/// <summary>The JSON header of a safetensors file: parsed strictly, checked against the length of the data.</summary>
/// <remarks>
/// Follows the format's own rules (github.com/huggingface/safetensors, "Format"): no duplicate keys, offsets without
/// overlap or hole that end where the file ends, byte lengths that agree with shape and dtype.
/// </remarks>
internal sealed class SafeTensorsHeader
{
    /// <summary>The longest header the format allows, in bytes.</summary>
    public const long MaxBytes = 100_000_000;

    private const string MetadataKey = "__metadata__";
    private readonly string _path;
    private readonly List<TensorEntry> _entries = [];
    private readonly Dictionary<string, (long Begin, long End)> _ranges = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private SafeTensorsHeader(string path) => _path = path;

    /// <summary>All tensors, in the order of their data.</summary>
    public IReadOnlyList<TensorEntry> Entries { get; private set; } = [];

    /// <summary>The free text pairs of the file.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Parses a header.</summary>
    /// <param name="json">The header's bytes, without the eight of its length.</param>
    /// <param name="dataLength">Bytes that follow the header.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="InvalidDataException">The header is not a valid one.</exception>
    public static SafeTensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength, string path)
    {
        var header = new SafeTensorsHeader(path);
        if (json.IsEmpty || json[0] != (byte)'{')
        {
            throw header.Refuse("the header", "another first character", "{, the start of a JSON object");
        }

        try
        {
            var reader = new Utf8JsonReader(json);
            header.ReadTensors(ref reader);
            if (reader.Read())
            {
                throw header.Refuse("the header", "more text after its end", "one JSON object");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or DecoderFallbackException)
        {
            throw new InvalidDataException(
                $"{path}: the header: got text that is not JSON ({e.Message}); wanted one JSON object. {Remedy}", e);
        }

        header.CheckOffsets(dataLength);
        return header;
    }

    private const string Remedy = "The file is damaged or no safetensors file: fetch or write it again.";

    private void ReadTensors(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, "the header", "an object");
        var seenMetadata = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString() ?? "";
            if (name == MetadataKey)
            {
                if (seenMetadata)
                {
                    throw Refuse(MetadataKey, "it twice", "it once");
                }

                seenMetadata = true;
                ReadMetadata(ref reader);
            }
            else
            {
                ReadTensor(ref reader, name);
            }
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, MetadataKey, "an object of texts");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString() ?? "";
            Expect(ref reader, JsonTokenType.String, $"{MetadataKey} '{key}'", "a text");
            if (!_metadata.TryAdd(key, reader.GetString() ?? ""))
            {
                throw Refuse($"{MetadataKey} '{key}'", "the key twice", "it once");
            }
        }
    }

    private void ReadTensor(ref Utf8JsonReader reader, string name)
    {
        var where = $"tensor '{name}'";
        Expect(ref reader, JsonTokenType.StartObject, where, "an object with dtype, shape and data_offsets");
        TensorDtype? dtype = null;
        List<long>? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.GetString();
            switch (field)
            {
                case "dtype" when dtype is null:
                    dtype = ReadDtype(ref reader, where);
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(ref reader, where, field);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(ref reader, where, field);
                    break;
                default:
                    throw Refuse(where, $"the field '{field}'", "dtype, shape and data_offsets, each once");
            }
        }

        if (dtype is null || shape is null || offsets is null)
        {
            throw Refuse(where, "an entry without all its fields", "dtype, shape and data_offsets");
        }

        Add(name, where, dtype.Value, shape, offsets);
    }

    private void Add(string name, string where, TensorDtype dtype, List<long> shape, List<long> offsets)
    {
        if (offsets.Count != 2 || offsets[1] < offsets[0])
        {
            throw Refuse(where, $"data_offsets {TensorEntry.Describe(offsets)}", "[begin, end] with begin <= end");
        }

        var bytes = TensorEntry.CountOf(shape) * dtype.ByteSize();
        if (bytes > long.MaxValue)
        {
            throw Refuse(where, $"shape {TensorEntry.Describe(shape)}", "fewer than 2^63 bytes");
        }

        if (bytes != offsets[1] - offsets[0])
        {
            throw Refuse(
                where,
                $"{offsets[1] - offsets[0]} bytes",
                $"{bytes}, as {dtype.FileName()} {TensorEntry.Describe(shape)} takes");
        }

        if (!_ranges.TryAdd(name, (offsets[0], offsets[1])))
        {
            throw Refuse(where, "the name twice", "distinct names");
        }

        _entries.Add(new(name, dtype, shape.AsReadOnly(), offsets[0]));
    }

    private TensorDtype ReadDtype(ref Utf8JsonReader reader, string where)
    {
        Expect(ref reader, JsonTokenType.String, where, "the dtype as a text");
        var text = reader.GetString() ?? "";
        return TensorDtypes.TryParse(text, out var dtype)
            ? dtype
            : throw new InvalidDataException(
                $"{_path}: {where}: got the dtype '{text}'; wanted one of {TensorDtypes.Known}. " +
                "Convert the tensor to one of these where the file was made.");
    }

    private List<long> ReadNumbers(ref Utf8JsonReader reader, string where, string field)
    {
        Expect(ref reader, JsonTokenType.StartArray, where, $"a list of numbers as {field}");
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType == JsonTokenType.Number)
        {
            if (!reader.TryGetInt64(out var number) || number < 0)
            {
                var text = Encoding.UTF8.GetString(reader.ValueSpan);
                throw Refuse(where, $"'{text}' in {field}", "whole numbers from 0 to 2^63 - 1");
            }

            numbers.Add(number);
        }

        return reader.TokenType == JsonTokenType.EndArray
            ? numbers
            : throw Refuse(where, $"{reader.TokenType} in {field}", "numbers only");
    }

    private void CheckOffsets(long dataLength)
    {
        // A stable sort: empty tensors share their offset and keep the order of the header.
        Entries = [.. _entries.OrderBy(entry => _ranges[entry.Name])];
        var end = 0L;
        foreach (var entry in Entries)
        {
            var range = _ranges[entry.Name];
            if (range.Begin != end)
            {
                throw Refuse(
                    $"tensor '{entry.Name}'",
                    $"data from byte {range.Begin}",
                    $"byte {end}, where the data before it ends " +
                    $"({(range.Begin < end ? "they overlap" : "there is a hole")})");
            }

            end = range.End;
        }

        if (end != dataLength)
        {
            throw Refuse(
                "the data",
                $"{dataLength} bytes",
                $"{end}, as the header says ({(dataLength < end ? "cut short" : "too long")})");
        }
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType wanted, string where, string description)
    {
        if (!reader.Read() || reader.TokenType != wanted)
        {
            throw Refuse(where, reader.TokenType.ToString(), description);
        }
    }

    private InvalidDataException Refuse(string where, string got, string wanted) =>
        new($"{_path}: {where}: got {got}; wanted {wanted}. {Remedy}");
}
