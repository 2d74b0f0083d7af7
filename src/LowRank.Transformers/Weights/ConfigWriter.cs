using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using LowRank.Tensors;
using LowRank.Transformers.Encoders;
using static TorchSharp.torch;

namespace LowRank.Transformers.Weights;

/// <summary>A model's <c>config.json</c>: the one it came with, with what is different now.</summary>
internal static class ConfigWriter
{
    private const string Name = "config.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <exception cref="FileNotFoundException">The source has no configuration.</exception>
    /// <exception cref="InvalidDataException">It is malformed.</exception>
    public static void Write(string target, nn.Module model, string source, TensorDtype dtype)
    {
        var file = ConfigFile.Read(source).Path; // says what is wrong with it
        var config = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        config["architectures"] = new JsonArray(model.GetName());
        if (model is SequenceClassifier classifier)
        {
            DescribeLabels(config, classifier.Config);
        }

        // The key was renamed; both are read.
        config[config.ContainsKey("dtype") ? "dtype" : "torch_dtype"] = dtype.ToScalarType().ToString().ToLowerInvariant();
        AtomicFile.WriteText(Path.Combine(target, Name), config.ToJsonString(Json) + "\n");
    }

    private static void DescribeLabels(JsonObject config, EncoderConfig model)
    {
        var numbers = model.Labels.Select((label, number) => (Label: label, Number: number)).ToList();
        config["model_type"] = model.ModelType;
        config["id2label"] = new JsonObject(numbers.Select(one =>
            KeyValuePair.Create(one.Number.ToString(CultureInfo.InvariantCulture), (JsonNode?)one.Label)));
        config["label2id"] = new JsonObject(numbers.Select(one => KeyValuePair.Create(one.Label, (JsonNode?)one.Number)));
        config["problem_type"] = numbers.Count == 1 ? "regression" : "single_label_classification";
        config.Remove("num_labels"); // as many as id2label has
    }
}
