using LowRank.FineTuning.Data;
using LowRank.Tensors;
using LowRank.Transformers.Bert;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Tests.Runs;

/// <summary>
/// A random BERT of a few thousand weights with its vocabulary, in a folder; and texts made of its words.
/// </summary>
internal static class TinyBert
{
    private static readonly string[] Fillers =
        ["the", "a", "film", "was", "and", "plot", "cast", "it", "very", "we", "saw", "this"];

    private static readonly string[][] Telling =
        [["bad", "dull", "poor"], ["good", "great", "fine"], ["long", "short", "old"]];

    public static IReadOnlyList<string> Labels { get; } = ["bad", "good", "neither"];

    /// <summary>Writes the folder.</summary>
    public static string Write(string folder, double dropout = 0.1)
    {
        Directory.CreateDirectory(folder);
        string[] words =
        [
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]",
            .. Fillers, .. Telling.SelectMany(words => words), "##s", ".", "!",
        ];
        File.WriteAllLines(Path.Combine(folder, "vocab.txt"), words);
        File.WriteAllText(Path.Combine(folder, "config.json"), $$"""
            {
              "model_type": "bert", "vocab_size": {{words.Length}}, "hidden_size": 16, "num_hidden_layers": 2,
              "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 24, "type_vocab_size": 2,
              "hidden_act": "gelu", "hidden_dropout_prob": {{dropout}}, "attention_probs_dropout_prob": {{dropout}},
              "initializer_range": 0.2, "layer_norm_eps": 1e-12
            }
            """);
        using var model = new BertForSequenceClassification(BertConfig.Read(folder));
        model.Initialize(Seed.From(11));
        using var weights = new TensorMap();
        using var gradients = no_grad();
        foreach (var (name, parameter) in model.named_parameters().Where(entry =>
            !entry.name.StartsWith("classifier", StringComparison.Ordinal)))
        {
            weights.Add(name, parameter.clone());
        }

        weights.Save(Path.Combine(folder, "model.safetensors"));
        return folder;
    }

    /// <summary>Rows whose label is told by one word.</summary>
    public static ExampleSet Rows(int count, int seed = 1, int classes = 3) => ExampleSet.Of(
        Make(count, seed, classes, (kind, _) => kind), new ClassLabels(Labels.Take(classes)));

    /// <summary>
    /// Pairs as in natural language inference: the second text says the same, the contrary, or something else.
    /// </summary>
    public static ExampleSet Pairs(int count, int seed = 1)
    {
        var random = Seed.From(seed).For("pairs").Random();
        return ExampleSet.Of(
            [.. Enumerable.Range(0, count).Select(row =>
            {
                var side = random.Next(2);
                var said = row % 3 == 2 ? 2 : row % 3 == 0 ? side : 1 - side;
                return new Example(Sentence(Telling[side]), Sentence(Telling[said]), row % 3);
            })],
            new ClassLabels(["entailment", "contradiction", "neutral"]));

        string Sentence(string[] telling) => string.Join(' ',
            [.. random.GetItems(Fillers, random.Next(1, 5)), "was", random.GetItems(telling, 1)[0], "."]);
    }

    /// <summary>Rows whose number is told by one word.</summary>
    public static ExampleSet NumberRows(int count, int seed = 1) =>
        ExampleSet.Of(Make(count, seed, 3, (kind, random) => kind + (random.NextDouble() / 10)));

    private static List<Example> Make(int count, int seed, int classes, Func<int, Random, double> target)
    {
        var random = Seed.From(seed).For("rows").Random();
        return [.. Enumerable.Range(0, count).Select(row =>
        {
            var kind = row % classes;
            string[] words =
            [
                .. random.GetItems(Fillers, random.Next(1, 7)), random.GetItems(Telling[kind], 1)[0],
                .. random.GetItems(Fillers, random.Next(0, 4)), ".",
            ];
            return new Example(string.Join(' ', words), null, target(kind, random));
        })];
    }
}
