using System.Globalization;
using LowRank.Adapters;
using LowRank.FineTuning.Runs;

namespace LowRank.Cli.Commands;

/// <summary>Looks into the folder of a fine-tuning run.</summary>
internal static class InspectRun
{
    public static Inspection Folder(string path)
    {
        var folder = RunFolder.Open(path);
        var (options, labels, result) = (folder.ReadOptions(), folder.ReadLabels(), folder.ReadResult());
        var facts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["model"] = options.ModelName ?? options.ModelFolder,
            ["labels"] = options.Generator is not null ? "texts" : labels.Count == 0 ? "numbers" : string.Join(", ", labels),
            ["learned from"] = options.Data?.TrainingFile ?? "rows given by a program",
            ["adapter"] = Describe(options.Adapter),
            ["layers"] = options.Targets,
            ["head"] = options.Generator is not null ? "the model's own" : options.TrainHead ? "trained" : "random and frozen",
            ["seed"] = options.Training.Seed.ToString(CultureInfo.InvariantCulture),
            ["learning rate"] = options.Training.For(options.Adapter).LearningRate?.ToString("G6", CultureInfo.InvariantCulture) ?? "",
        };
        if (result is null)
        {
            var imported = !File.Exists(folder.MetricsFile);
            facts["ended"] = imported ? "imported, not trained here" : $"not yet: 'lowrank finetune --resume --out {path}' goes on";
            return new(path, imported ? "an imported adapter" : "a fine-tuning run", facts, [Files(path)]);
        }

        facts["ended"] = string.Create(
            CultureInfo.InvariantCulture, $"{result.Reason} after step {result.Steps}; weights of step {result.KeptStep}");
        facts["speed"] = result.Throughput.ToString();
        var updates = InspectUpdates.OfRun(folder);
        updates.Describe(facts);
        return new(path, "a fine-tuning run", facts,
        [
            new(
                ["score on validation rows", "best"],
                [.. result.BestScores.Select(score =>
                    (string[])[score.Key, score.Value.ToString("0.0000", CultureInfo.InvariantCulture)])]),
            .. updates.Tables(),
            Files(path),
        ])
        {
            Layers = updates.Layers,
        };
    }

    public static string Describe(AdapterOptions adapter) => adapter switch
    {
        DeepLoraOptions deep => string.Create(
            CultureInfo.InvariantCulture,
            $"{deep.Method}, rank {deep.Rank}, depth {deep.Depth}, {deep.Form.ToString().ToLowerInvariant()}, initial scale {deep.InitialScale:G4}"),
        LoraOptions lora => string.Create(
            CultureInfo.InvariantCulture, $"{(lora.UseDora ? "dora" : lora.Method)}, rank {lora.Rank}, scale {lora.Scale:G4}, start {lora.Start}"),
        FactorOptions factors => $"{factors.Method}, rank {factors.Rank}",
        _ => adapter.Method,
    };

    /// <summary>What a run's model does, in a few words.</summary>
    public static string Purpose(FineTuneOptions? run, IReadOnlyList<string> labels) =>
        run?.Generator is not null ? "writes texts"
        : labels.Count == 0 ? "predicts a number"
        : $"labels {string.Join(", ", labels)}";

    private static InspectionTable Files(string path) => new(
        ["file", "bytes"],
        [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(file => (string[])
            [
                Path.GetRelativePath(path, file), new FileInfo(file).Length.ToString("N0", CultureInfo.InvariantCulture),
            ])]);
}
