using System.Globalization;
using LowRank.Tensors;

namespace LowRank.Acceptance.Finetuning;

/// <summary>A BERT of a few thousand random numbers, written file by file; and texts made of its words.</summary>
internal static class TinyModel
{
    public const int Hidden = 32;
    private const int Positions = 32;
    private const double Spread = 0.35; // wide enough that one word tells in a model nobody trained
    private static readonly string[] Fillers = ["the", "a", "film", "was", "and", "plot", "cast", "it", "we", "saw"];
    private static readonly string[][] Telling = [["bad", "dull", "poor"], ["good", "great", "fine"], ["long", "short", "old"]];

    public static IReadOnlyList<string> Words { get; } =
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Fillers, .. Telling.SelectMany(words => words), "##s", ".", "!"];

    /// <summary>Writes the folder.</summary>
    public static void Write(string folder, string modelType = "bert")
    {
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, "vocab.txt"), Words);
        File.WriteAllText(Path.Combine(folder, "config.json"), $$"""
            {
              "model_type": "{{modelType}}", "vocab_size": {{Words.Count}}, "hidden_size": {{Hidden}}, "num_hidden_layers": 1,
              "num_attention_heads": 2, "intermediate_size": {{2 * Hidden}}, "max_position_embeddings": {{Positions}},
              "type_vocab_size": 2, "hidden_act": "gelu", "hidden_dropout_prob": 0.05, "attention_probs_dropout_prob": 0,
              "initializer_range": 0.2, "layer_norm_eps": 1e-12
            }
            """);
        var random = Seed.From(11).For("weights").Random();
        SafeTensors.Write(Path.Combine(folder, "model.safetensors"), Shapes().Select(entry => Tensor(entry, random)));
    }

    /// <summary>Rows whose label is told by one word, as the text of a CSV file.</summary>
    public static string Csv(int count, int seed = 1, params string[] labels)
    {
        labels = labels.Length == 0 ? ["bad", "good"] : labels;
        return $"text,label\n{string.Concat(Texts(count, seed, labels.Length).Select((text, row) => $"{text},{labels[row % labels.Length]}\n"))}";
    }

    /// <summary>Rows whose number is told by one word, as the text of a CSV file.</summary>
    public static string NumbersCsv(int count, int seed = 1) =>
        $"text,score\n{string.Concat(Texts(count, seed, 3).Select((text, row) => string.Create(CultureInfo.InvariantCulture, $"{text},{row % 3}.5\n")))}";

    public static List<string> Texts(int count, int seed, int kinds)
    {
        var random = Seed.From(seed).For("rows").Random();
        return [.. Enumerable.Range(0, count).Select(row => string.Join(' ',
        [
            .. random.GetItems(Fillers, random.Next(1, 5)), random.GetItems(Telling[row % kinds], 1)[0],
            .. random.GetItems(Fillers, random.Next(0, 3)), ".",
        ]))];
    }

    private static IEnumerable<(string Name, long[] Shape)> Shapes()
    {
        yield return ("bert.embeddings.word_embeddings.weight", [Words.Count, Hidden]);
        yield return ("bert.embeddings.position_embeddings.weight", [Positions, Hidden]);
        yield return ("bert.embeddings.token_type_embeddings.weight", [2, Hidden]);
        const string Layer = "bert.encoder.layer.0";
        (string Name, long Outputs, long Inputs)[] linears =
        [
            ($"{Layer}.attention.self.query", Hidden, Hidden), ($"{Layer}.attention.self.key", Hidden, Hidden),
            ($"{Layer}.attention.self.value", Hidden, Hidden), ($"{Layer}.attention.output.dense", Hidden, Hidden),
            ($"{Layer}.intermediate.dense", 2 * Hidden, Hidden), ($"{Layer}.output.dense", Hidden, 2 * Hidden),
            ("bert.pooler.dense", Hidden, Hidden),
        ];
        foreach (var (name, outputs, inputs) in linears)
        {
            yield return ($"{name}.weight", [outputs, inputs]);
            yield return ($"{name}.bias", [outputs]);
        }

        foreach (var name in new[] { "bert.embeddings", $"{Layer}.attention.output", $"{Layer}.output" })
        {
            yield return ($"{name}.LayerNorm.weight", [Hidden]);
            yield return ($"{name}.LayerNorm.bias", [Hidden]);
        }
    }

    private static TensorData Tensor((string Name, long[] Shape) entry, Random random)
    {
        var count = entry.Shape.Aggregate(1L, (product, length) => product * length);
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = entry.Shape.Length == 1
                ? entry.Name.EndsWith("LayerNorm.weight", StringComparison.Ordinal) ? 1 : 0
                : (float)(Spread * ((2 * random.NextDouble()) - 1));
        }

        return TensorData.Of(entry.Name, values, entry.Shape);
    }
}
