using System.Globalization;
using System.Text.Json.Nodes;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Runs;
using LowRank.Transformers.Tokenization;

namespace LowRank.Cli.Commands;

/// <summary>Shows what a run would do, without doing it.</summary>
internal sealed class FinetunePreview(FineTuneOptions options, bool json, Screen screen)
{
    private const int MostTokens = 40;

    public void Show(TextFineTuner tuner, ExampleSet training)
    {
        var encoder = TextEncoders.Load(options.ModelFolder);
        var limit = Math.Min(options.MaxLength, tuner.Model.Config.LongestRow);
        var example = training.Examples[0];
        var text = encoder.Encode(example.Text, example.TextPair, limit);
        string[] tokens = [.. text.Ids.Select(id => encoder.TokenOf(id) ?? "?")];
        var layers = tuner.Adapters.Adapters.Select(adapter => adapter.Layer.ToString()).ToList();
        var label = training.Labels?.Names[example.ClassIndex] ?? example.Target?.ToString(CultureInfo.InvariantCulture);
        if (json)
        {
            Console.Out.WriteLine(JsonOutput.Serialize(new
            {
                Config = JsonNode.Parse(RunFolder.ToJson(options)),
                Training = tuner.TrainingData,
                Validation = tuner.ValidationData,
                Tokenizer = encoder.Description,
                Example = new { example.Text, example.TextPair, Label = label, Tokens = tokens, text.Ids, text.Truncated },
                Layers = layers,
                Heads = tuner.Adapters.HeadPaths,
                Parameters = tuner.Adapters.CountParameters(),
            }));
            return;
        }

        screen.Line($"tokens to learn from: {tuner.TrainingData.Tokens}");
        screen.Line($"tokenizer: {encoder.Description}");
        screen.Line($"example: {Shorten(example.Text)}{(example.TextPair is null ? "" : $" / {Shorten(example.TextPair)}")}");
        screen.Line($"  label: {label}");
        screen.Line($"  tokens: {string.Join(' ', tokens.Take(MostTokens))}{(tokens.Length > MostTokens ? " ..." : "")}");
        screen.Line($"  ids: {string.Join(' ', text.Ids.Take(MostTokens))}{(text.Ids.Length > MostTokens ? " ..." : "")}");
        screen.Table(["layers with an adapter", "how many"], LayerNames.Grouped(layers).Select(group => new[] { group.Name, $"{group.Count}" }));
        screen.Line($"trained in full: {(tuner.Adapters.HeadPaths.Count == 0 ? "nothing" : string.Join(", ", tuner.Adapters.HeadPaths))}");
        screen.Line(tuner.Adapters.CountParameters().ToString());
        screen.Line("Nothing was trained: leave --dry-run out to begin.");
    }

    private static string Shorten(string text) => text.Length > 200 ? text[..200] + "..." : text;
}
