using System.Globalization;
using System.Text.Json.Nodes;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Runs;
using LowRank.Transformers.Tokenization;

namespace LowRank.Cli.Commands;

/// <summary>Shows what a run would do, without doing it.</summary>
internal sealed class FinetunePreview(bool json, Screen screen)
{
    private const int MostTokens = 40;

    public void Show(TextFineTuner tuner, ExampleSet training)
    {
        var (encoder, generator) = (tuner.Encoder, tuner.Options.Generator);
        var example = training.Examples[0];
        var text = encoder.Encode(generator?.Prefix + example.Text, example.TextPair, tuner.MaxLength);
        var target = generator is null ? null : encoder.Encode(example.TargetText!, maxLength: generator.MaxTargetLength);
        var label = example.TargetText ?? training.Labels?.Names[example.ClassIndex]
            ?? example.Target?.ToString(CultureInfo.InvariantCulture);
        if (json)
        {
            ShowJson(tuner, example, label, text, target);
            return;
        }

        ShowTexts(tuner, example, label, text, target);
        var layers = LayerNames.Grouped(LayersOf(tuner)).Select(group => new[] { group.Name, $"{group.Count}" });
        screen.Table(["layers with an adapter", "how many"], layers);
        screen.Line($"trained in full: {(tuner.Adapters.HeadPaths.Count == 0 ? "nothing" : string.Join(", ", tuner.Adapters.HeadPaths))}");
        screen.Line(tuner.Adapters.CountParameters().ToString());
        screen.Line("Nothing was trained: leave --dry-run out to begin.");
    }

    private static void ShowJson(TextFineTuner tuner, Example example, string? label, TokenizedText text, TokenizedText? target)
    {
        var shown = new
        {
            example.Text,
            example.TextPair,
            Label = label,
            Tokens = Tokens(tuner.Encoder, text.Ids),
            text.Ids,
            text.Truncated,
            TargetIds = target?.Ids,
        };
        Console.Out.WriteLine(JsonOutput.Serialize(new
        {
            Config = JsonNode.Parse(RunFolder.ToJson(tuner.Options)),
            Training = tuner.TrainingData,
            Validation = tuner.ValidationData,
            Tokenizer = tuner.Encoder.Description,
            Example = shown,
            Layers = LayersOf(tuner),
            Heads = tuner.Adapters.HeadPaths,
            Parameters = tuner.Adapters.CountParameters(),
        }));
    }

    private void ShowTexts(TextFineTuner tuner, Example example, string? label, TokenizedText text, TokenizedText? target)
    {
        screen.Line($"tokens to learn from: {tuner.TrainingData.Tokens}");
        if (tuner.TrainingData.TargetTokens is { } targets)
        {
            screen.Line($"tokens of target texts: {targets}");
        }

        screen.Line($"tokenizer: {tuner.Encoder.Description}");
        screen.Line($"example: {Shorten(example.Text)}{(example.TextPair is null ? "" : $" / {Shorten(example.TextPair)}")}");
        screen.Line($"  {(target is null ? "label" : "target")}: {label}");
        screen.Line($"  tokens: {Listed(Tokens(tuner.Encoder, text.Ids))}");
        screen.Line($"  ids: {Listed(text.Ids)}");
        if (target is not null)
        {
            screen.Line($"  tokens of the target: {Listed(Tokens(tuner.Encoder, target.Ids))}");
        }
    }

    private static List<string> LayersOf(TextFineTuner tuner) =>
        [.. tuner.Adapters.Adapters.Select(adapter => adapter.Layer.ToString())];

    private static string[] Tokens(TextEncoder encoder, int[] ids) => [.. ids.Select(id => encoder.TokenOf(id) ?? "?")];

    private static string Listed<T>(T[] items) =>
        $"{string.Join(' ', items.Take(MostTokens))}{(items.Length > MostTokens ? " ..." : "")}";

    private static string Shorten(string text) => text.Length > 200 ? text[..200] + "..." : text;
}
