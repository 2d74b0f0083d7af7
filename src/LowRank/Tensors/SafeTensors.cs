using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LowRank.Tensors;

/// <summary>Writes the safetensors format; <see cref="SafeTensorsFile"/> reads it.</summary>
public static class SafeTensors
{
    private const string MetadataKey = "__metadata__";
    private const int Alignment = 8;
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Writes a file, whole or not at all.</summary>
    /// <remarks>
    /// The bytes depend on names, numbers and metadata only, not on the order given: tensors lie widest dtype first,
    /// then by name (UTF-8 byte order), as the reference implementation writes them, so every tensor is aligned.
    /// </remarks>
    /// <param name="path">The target; an existing file is replaced.</param>
    /// <param name="tensors">The tensors, with distinct names.</param>
    /// <param name="metadata">Free text pairs, written in the order of their keys; none when null.</param>
    /// <exception cref="ArgumentException">A name stands twice, is reserved, or is no valid Unicode.</exception>
    /// <exception cref="IOException">The file cannot be written; nothing is left behind.</exception>
    public static void Write(
        string path, IEnumerable<TensorData> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        Check.NotBlank(path);
        var sorted = Check.NotNull(tensors)
            .OrderByDescending(tensor => tensor.Dtype)
            .ThenBy(tensor => Utf8(tensor.Name), Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)))
            .ToArray();
        var header = Header(sorted, metadata ?? new Dictionary<string, string>());
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (var tensor in sorted)
            {
                tensor.WriteTo(stream);
            }
        });
    }

    private static byte[] Header(TensorData[] tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            json.WriteStartObject();
            WriteMetadata(json, metadata);
            WriteEntries(json, tensors);
            json.WriteEndObject();
        }

        Check.That(
            buffer.WrittenCount <= SafeTensorsHeader.MaxBytes,
            nameof(tensors),
            $"tensors: got a header of {buffer.WrittenCount} bytes; wanted at most {SafeTensorsHeader.MaxBytes}.");

        // Spaces after the JSON bring the data to an aligned place, as the format allows.
        var padded = (buffer.WrittenCount + Alignment - 1) / Alignment * Alignment;
        var header = new byte[Alignment + padded];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)padded);
        buffer.WrittenSpan.CopyTo(header.AsSpan(Alignment));
        header.AsSpan(Alignment + buffer.WrittenCount).Fill((byte)' ');
        return header;
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        if (metadata.Count == 0)
        {
            return;
        }

        json.WriteStartObject(MetadataKey);
        foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            json.WriteString(Utf8(key), Utf8(value));
        }

        json.WriteEndObject();
    }

    private static void WriteEntries(Utf8JsonWriter json, TensorData[] tensors)
    {
        var offset = 0L;
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in tensors)
        {
            var where = $"tensor '{tensor.Name}'";
            Check.That(
                tensor.Name != MetadataKey, nameof(tensors), $"{where}: the format keeps this name; wanted another.");
            Check.That(names.Add(tensor.Name), nameof(tensors), $"{where}: got the name twice; wanted distinct names.");
            var end = offset + new TensorEntry(tensor.Name, tensor.Dtype, tensor.Shape, offset).ByteLength;
            json.WriteStartObject(Utf8(tensor.Name));
            json.WriteString("dtype", tensor.Dtype.FileName());
            WriteNumbers(json, "shape", tensor.Shape);
            WriteNumbers(json, "data_offsets", [offset, end]);
            json.WriteEndObject();
            offset = end;
        }
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }

    private static byte[] Utf8(string text)
    {
        try
        {
            return Strict.GetBytes(text);
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException($"got the text '{text}' with half a surrogate pair; wanted valid Unicode.", e);
        }
    }
}
