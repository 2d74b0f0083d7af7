using LowRank.Tensors;
using LowRank.Transformers.Bert;

namespace LowRank.Cli.Commands;

/// <summary>Made-up short reviews, and a random BERT of some ten thousand numbers that reads them in no time.</summary>
internal static class SampleText
{
    private const int Hidden = 64;
    private const int Layers = 1;
    private const int Heads = 4;
    private const int Positions = 64;
    private const double Spread = 0.2;
    private const double NegatedShare = 0.1;
    private static readonly string[] Subjects =
        ["the film", "the plot", "the cast", "this book", "the soup", "our room", "the phone", "the service", "the music", "the game"];

    private static readonly string[] Good = ["great", "lovely", "fine", "wonderful", "tasty", "solid", "charming", "clever"];
    private static readonly string[] Bad = ["dull", "poor", "awful", "broken", "bland", "noisy", "weak", "silly"];
    private static readonly string[] Openings = ["", "", "", "honestly , ", "i think "];
    private static readonly string[] Endings = ["", "", "", " for the price", " , again"];

    /// <summary>Writes <c>reviews.csv</c>, <c>reviews-test.csv</c>, <c>reviews-new.txt</c> and <c>tiny-bert/</c>.</summary>
    /// <returns>What was written, a line each.</returns>
    public static IReadOnlyList<string> Write(string folder, Seed seed)
    {
        var lines = new List<string>();
        foreach (var (name, count) in new[] { ("reviews.csv", 240), ("reviews-test.csv", 80) })
        {
            var rows = Rows(count, seed.For(name).Random());
            AtomicFile.WriteText(
                Path.Combine(folder, name),
                $"text,label\n{string.Concat(rows.Select(row => $"\"{row.Text}\",{row.Label}\n"))}");
            lines.Add($"{Path.Combine(folder, name)}: {count} made-up reviews, positive or negative");
        }

        var fresh = Rows(8, seed.For("new").Random());
        AtomicFile.WriteText(Path.Combine(folder, "reviews-new.txt"), string.Concat(fresh.Select(row => $"{row.Text}\n")));
        lines.Add($"{Path.Combine(folder, "reviews-new.txt")}: {fresh.Count} reviews without labels, one per line");
        var model = Path.Combine(folder, "tiny-bert");
        WriteModel(model, seed.For("tiny-bert"));
        lines.Add($"{model}: a BERT with random weights, to try the commands in seconds; for real work take a trained model");
        return lines;
    }

    // One word tells the label, but for the negated ones.
    private static List<(string Text, string Label)> Rows(int count, Random random) =>
        [.. Enumerable.Range(0, count).Select(row =>
        {
            var positive = row % 2 == 0;
            var negated = random.NextDouble() < NegatedShare;
            var word = One(positive != negated ? Good : Bad);
            return (
                $"{One(Openings)}{One(Subjects)} was {(negated ? "not " : "")}{word}{One(Endings)} .",
                positive ? "positive" : "negative");

            string One(string[] words) => random.GetItems(words, 1)[0];
        })];

    private static void WriteModel(string folder, Seed seed)
    {
        var letters = "abcdefghijklmnopqrstuvwxyz0123456789".Select(letter => letter.ToString());
        string[] vocabulary =
        [
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", ",", "!", "?", "'", "-", "was", "not",
            .. new[] { Subjects, Good, Bad, Openings, Endings }
                .SelectMany(texts => texts)
                .SelectMany(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(word => word != "," && word.Length > 1)
                .Distinct(),
            .. letters, .. letters.Select(letter => $"##{letter}"),
        ];
        AtomicFile.WriteText(Path.Combine(folder, "vocab.txt"), string.Concat(vocabulary.Select(word => $"{word}\n")));
        AtomicFile.WriteText(Path.Combine(folder, "tokenizer_config.json"), "{\"do_lower_case\": true, \"tokenizer_class\": \"BertTokenizer\"}\n");
        AtomicFile.WriteText(Path.Combine(folder, "config.json"), FormattableString.Invariant($$"""
            {
              "model_type": "bert", "vocab_size": {{vocabulary.Length}}, "hidden_size": {{Hidden}}, "num_hidden_layers": {{Layers}},
              "num_attention_heads": {{Heads}}, "intermediate_size": {{2 * Hidden}}, "max_position_embeddings": {{Positions}},
              "type_vocab_size": 2, "hidden_act": "gelu", "hidden_dropout_prob": 0, "attention_probs_dropout_prob": 0,
              "initializer_range": {{Spread}}, "layer_norm_eps": 1e-12
            }

            """));
        using var model = new BertForSequenceClassification(BertConfig.Read(folder));
        model.Initialize(seed);
        using var weights = new TensorMap();
        using var gradients = TorchSharp.torch.no_grad();
        foreach (var (name, parameter) in model.named_parameters().Where(entry => !model.HeadLayers.Any(entry.name.StartsWith)))
        {
            weights.Add(name, parameter.clone());
        }

        weights.Save(Path.Combine(folder, "model.safetensors"));
    }
}
