using System.Globalization;
using System.Text.Json;
using LowRank.Tensors;
using LowRank.Transformers.Bert;
using static TorchSharp.torch;

namespace LowRank.Benchmarks;

/// <summary>
/// Writes a model folder of BERT-base's shape with random weights, for real runs from a cold start where no trained
/// model is at hand: seconds per step, samples per second and memory are those of the trained one.
/// </summary>
internal static class BertFolderStudy
{
    /// <summary>Options: --vocab FILE (a vocab.txt), --out bert-base-random, --layers 12, --seed 7.</summary>
    public static void Run(string[] args)
    {
        var arguments = new StudyArguments(args);
        var (vocabulary, folder) = (arguments.Text("--vocab", "vocab.txt"), arguments.Text("--out", "bert-base-random"));
        Directory.CreateDirectory(folder);
        File.Copy(vocabulary, Path.Combine(folder, "vocab.txt"), overwrite: true);
        var standard = new BertConfig();
        AtomicFile.WriteText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["model_type"] = "bert",
            ["vocab_size"] = File.ReadLines(vocabulary).Count(),
            ["hidden_size"] = standard.HiddenSize,
            ["num_hidden_layers"] = arguments.Integer("--layers", standard.LayerCount),
            ["num_attention_heads"] = standard.HeadCount,
            ["intermediate_size"] = standard.IntermediateSize,
            ["max_position_embeddings"] = standard.PositionCount,
            ["type_vocab_size"] = standard.TypeCount,
            ["hidden_act"] = "gelu",
            ["hidden_dropout_prob"] = standard.HiddenDropout,
            ["attention_probs_dropout_prob"] = standard.AttentionDropout,
            ["initializer_range"] = standard.InitializerRange,
            ["layer_norm_eps"] = standard.LayerNormEpsilon,
        }) + "\n");
        using var model = new BertForSequenceClassification(BertConfig.Read(folder));
        model.Initialize(Seed.From(arguments.Integer("--seed", 7)));
        using var weights = new TensorMap();
        using var gradients = no_grad();
        foreach (var (name, parameter) in model.named_parameters().Where(entry => !model.HeadLayers.Any(entry.name.StartsWith)))
        {
            weights.Add(name, parameter.clone());
        }

        var file = Path.Combine(folder, "model.safetensors");
        weights.Save(file);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{folder}: BERT of {model.Config.LayerCount} layers, random weights, {new FileInfo(file).Length / 1e6:F0} MB"));
    }
}
