using System.Buffers.Binary;
using System.Text.Json;
using static TorchSharp.torch;

namespace LowRank.Tests.Adapters;

/// <summary>A second reader, written from the format's description alone: no code of the library is used.</summary>
internal sealed class PeftReader
{
    private readonly Dictionary<string, (long[] Shape, float[] Values)> _tensors = [];

    public PeftReader(string folder)
    {
        Config = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "adapter_config.json"))).RootElement;
        var bytes = File.ReadAllBytes(Path.Combine(folder, "adapter_model.safetensors"));
        var size = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        var header = JsonDocument.Parse(bytes.AsMemory(8, size)).RootElement;
        Metadata = header.GetProperty("__metadata__").Deserialize<Dictionary<string, string>>()!;
        foreach (var entry in header.EnumerateObject().Where(entry => entry.Name != "__metadata__"))
        {
            var shape = entry.Value.GetProperty("shape").Deserialize<long[]>()!;
            var range = entry.Value.GetProperty("data_offsets").Deserialize<int[]>()!;
            var data = bytes.AsSpan(8 + size + range[0], range[1] - range[0]);
            _tensors[entry.Name] = (shape, Numbers(data, entry.Value.GetProperty("dtype").GetString()!));
        }
    }

    public JsonElement Config { get; }

    public Dictionary<string, string> Metadata { get; }

    public IReadOnlyCollection<string> Names => _tensors.Keys;

    public string[] Strings(string key) => Config.GetProperty(key) is { ValueKind: JsonValueKind.Array } list
        ? list.Deserialize<string[]>()!
        : [];

    // Adds scale·B·A in plain loops to every target and overwrites the saved modules.
    public void MergeInto(nn.Module model)
    {
        using var gradients = no_grad();
        var (alpha, rank) = (Config.GetProperty("lora_alpha").GetDouble(), Config.GetProperty("r").GetInt32());
        var used = 0;
        foreach (var target in Strings("target_modules"))
        {
            var path = $"base_model.model.{target}";
            if (Config.TryGetProperty("layers_to_transform", out var chosen) && chosen.ValueKind != JsonValueKind.Null
                && !_tensors.ContainsKey($"{path}.lora_A.weight"))
            {
                continue;
            }

            var embedding = _tensors.ContainsKey($"{path}.lora_embedding_A");
            var (a, b) = embedding
                ? (_tensors[$"{path}.lora_embedding_A"], _tensors[$"{path}.lora_embedding_B"])
                : (_tensors[$"{path}.lora_A.weight"], _tensors[$"{path}.lora_B.weight"]);
            var weight = model.get_parameter($"{target}.weight")!;
            var values = weight.data<float>().ToArray();
            var (inputs, outputs) = (a.Shape[1], b.Shape[0]);
            var own = Pattern("rank_pattern", target) ?? rank;
            var root = Config.GetProperty("use_rslora").GetBoolean() ? Math.Sqrt(own) : own;
            var scale = (Pattern("alpha_pattern", target) ?? alpha) / root;
            Assert.Equal(own, a.Shape[0]);
            for (var o = 0; o < outputs; o++)
            {
                for (var i = 0; i < inputs; i++)
                {
                    var sum = 0.0;
                    for (var r = 0; r < own; r++)
                    {
                        sum += (double)b.Values[(o * (int)own) + r] * a.Values[(r * inputs) + i];
                    }

                    values[embedding ? (i * outputs) + o : (o * inputs) + i] += (float)(scale * sum);
                }
            }

            if (_tensors.TryGetValue($"{path}.lora_magnitude_vector", out var magnitude))
            {
                Rescale(values, magnitude.Values);
                used++;
            }

            weight.copy_(tensor(values).reshape(weight.shape));
            used += 2;
        }

        foreach (var (name, parameter) in model.named_parameters().Where(entry =>
            Strings("modules_to_save").Any(saved => entry.name.StartsWith($"{saved}.", StringComparison.Ordinal))))
        {
            parameter.copy_(tensor(_tensors[$"base_model.model.{name}"].Values).reshape(parameter.shape));
            used++;
        }

        Assert.Equal(_tensors.Count, used + AddBiases(model, alpha, rank));
    }

    // Biases trained in full, under the wrapped layer's name or their own; and those of the factors B.
    private int AddBiases(nn.Module model, double alpha, int rank)
    {
        const string Ending = ".lora_B.bias", Wrapped = ".base_layer.bias", Prefix = "base_model.model.";
        var names = _tensors.Keys.Where(name => name.EndsWith(".bias", StringComparison.Ordinal)
            && !Strings("modules_to_save").Any(saved => name.StartsWith($"{Prefix}{saved}.", StringComparison.Ordinal))).ToList();
        foreach (var name in names.OrderBy(name => name.EndsWith(Ending, StringComparison.Ordinal)))
        {
            var values = tensor(_tensors[name].Values);
            var added = name.EndsWith(Ending, StringComparison.Ordinal);
            var path = name[Prefix.Length..].Replace(Ending, ".bias", StringComparison.Ordinal)
                .Replace(Wrapped, ".bias", StringComparison.Ordinal);
            var bias = model.get_parameter(path)!;
            var scale = alpha / (Config.GetProperty("use_rslora").GetBoolean() ? Math.Sqrt(rank) : rank);
            bias.copy_(added ? bias + (values * scale) : values);
        }

        return names.Count;
    }

    private static float[] Numbers(ReadOnlySpan<byte> data, string dtype)
    {
        var size = dtype == "F32" ? 4 : 2;
        var values = new float[data.Length / size];
        for (var i = 0; i < values.Length; i++)
        {
            var part = data.Slice(i * size, size);
            values[i] = dtype switch
            {
                "F32" => BinaryPrimitives.ReadSingleLittleEndian(part),
                "F16" => (float)BinaryPrimitives.ReadHalfLittleEndian(part),
                "BF16" => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(part) << 16),
                _ => throw new InvalidDataException(dtype),
            };
        }

        return values;
    }

    private double? Pattern(string name, string path) =>
        Config.GetProperty(name).TryGetProperty(path, out var value) ? value.GetDouble() : null;

    // DoRA: each row takes its magnitude as its length.
    private static void Rescale(float[] values, float[] lengths)
    {
        var width = values.Length / lengths.Length;
        for (var row = 0; row < lengths.Length; row++)
        {
            var entries = values.AsSpan(row * width, width);
            var norm = 0.0;
            foreach (var entry in entries)
            {
                norm += (double)entry * entry;
            }

            for (var i = 0; i < width; i++)
            {
                entries[i] = (float)(entries[i] * lengths[row] / Math.Sqrt(norm));
            }
        }
    }
}
