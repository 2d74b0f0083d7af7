using LowRank.FineTuning.Data;
using LowRank.Tensors;
using LowRank.Testing;
using LowRank.Transformers.T5;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Tests.Runs;

/// <summary>A random T5 of a few thousand weights with its tokenizer, in a folder; and pairs made of its words.</summary>
internal static class TinyT5
{
    private const int Words = 40;

    /// <summary>Writes the folder.</summary>
    public static string Write(string folder, double dropout = 0.1, bool tied = true)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), WordTokenizer.Json(3 + Words));
        File.WriteAllText(Path.Combine(folder, "config.json"), $$"""
            {
              "model_type": "t5", "vocab_size": {{3 + Words}}, "d_model": 16, "num_heads": 2, "d_kv": 8, "d_ff": 32,
              "num_layers": 2, "relative_attention_num_buckets": 8, "relative_attention_max_distance": 16,
              "dropout_rate": {{dropout}}, "tie_word_embeddings": {{(tied ? "true" : "false")}},
              "pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0
            }
            """);
        using var model = new T5ForConditionalGeneration(T5Config.Read(folder));
        model.Initialize(Seed.From(11));
        using var weights = new TensorMap();
        using var gradients = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
        {
            weights.Add(name, parameter.clone());
        }

        weights.Save(Path.Combine(folder, "model.safetensors"));
        return folder;
    }

    /// <summary>Pairs of different sources; every second source has a second reference.</summary>
    public static ExampleSet Pairs(int count, int seed = 1)
    {
        var random = Seed.From(seed).For("pairs").Random();
        string Text(int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => $"w{random.Next(3, Words + 3)}"));
        List<Example> rows = [];
        while (rows.Count < count)
        {
            var source = $"w{3 + (rows.Count % Words)} {Text(random.Next(1, 6))}";
            rows.Add(new(source) { TargetText = Text(random.Next(1, 5)) });
            if (rows.Count < count && rows.Count % 3 == 0)
            {
                rows.Add(new(source) { TargetText = Text(2) });
            }
        }

        return ExampleSet.Of(rows);
    }
}
