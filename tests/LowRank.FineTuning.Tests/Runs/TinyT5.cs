using System.Text.Json;
using LowRank.FineTuning.Data;
using LowRank.Tensors;
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
        string[] pieces = ["<pad>", "</s>", "<unk>", .. Enumerable.Range(3, Words).Select(id => $"▁w{id}")];
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), Tokenizer(pieces));
        File.WriteAllText(Path.Combine(folder, "config.json"), $$"""
            {
              "model_type": "t5", "vocab_size": {{pieces.Length}}, "d_model": 16, "num_heads": 2, "d_kv": 8, "d_ff": 32,
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

    private static string Tokenizer(string[] pieces) => JsonSerializer.Serialize(new
    {
        added_tokens = pieces.Take(3).Select((content, id) => new { id, content, special = true, normalized = false }),
        pre_tokenizer = new { type = "Metaspace", replacement = "▁" },
        post_processor = new
        {
            type = "TemplateProcessing",
            single = new object[]
            {
                new { Sequence = new { id = "A", type_id = 0 } }, new { SpecialToken = new { id = "</s>", type_id = 0 } },
            },
        },
        model = new { type = "Unigram", unk_id = 2, vocab = pieces.Select(piece => new object[] { piece, -1.0 }) },
    });
}
