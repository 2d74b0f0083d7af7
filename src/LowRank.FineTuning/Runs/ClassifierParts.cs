using LowRank.Adapters;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.Tokenization;
using LowRank.Transformers.Weights;

namespace LowRank.FineTuning.Runs;

/// <summary>What a classifier is made of, from each of the folders that hold one.</summary>
internal sealed record ClassifierParts
{
    public required SequenceClassifier Model { get; init; }

    public required TextEncoder Encoder { get; init; }

    /// <summary>The folder that configuration and tokenizer came from.</summary>
    public required string Source { get; init; }

    /// <summary>Empty for a model of numbers.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    public AdapterSet? Adapters { get; init; }

    public FineTuneOptions? Run { get; init; }

    /// <summary>Null for as many tokens as the model can read.</summary>
    public int? MaxLength { get; init; }

    public static ClassifierParts OfRun(RunFolder run, string? modelFolder)
    {
        var (options, labels) = (run.ReadOptions(), run.ReadLabels());
        if (!run.HasModel && !Directory.Exists(run.AdapterFolder))
        {
            throw new FileNotFoundException(
                $"{run.Path}: the run has no adapter yet, since it did not end; resume it first.", run.AdapterFolder);
        }

        var source = modelFolder ?? options.ModelFolder;
        if (!run.HasModel && !Directory.Exists(source))
        {
            throw new DirectoryNotFoundException(
                $"{source}: no such folder; the run was trained on the model in it. Give the model's folder of today.");
        }

        var parts = run.HasModel ? OfModel(run.ModelFolder) : OfAdapter(run.AdapterFolder, source, labels);
        return parts with { Labels = labels, Run = options, MaxLength = options.MaxLength };
    }

    public static ClassifierParts OfModel(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"{folder}: there is no such folder; wanted a run's or a model's.");
        }

        if (File.Exists(Path.Combine(folder, "adapter_config.json")))
        {
            throw new InvalidDataException(
                $"{folder}: got an adapter's folder; wanted a run's or a model's. 'lowrank import' makes a run of it.");
        }

        var (model, report) = Pretrained.SequenceClassifier(folder, default);
        if (report.NewlyInitialised.Count > 0)
        {
            model.Dispose();
            throw new InvalidDataException(
                $"{folder}: got a model without a classification head ({string.Join(", ", report.NewlyInitialised)} "
                    + "missing); wanted a fine-tuned one, or the folder of a run. Fine-tune it first.");
        }

        var labels = model.Config.Labels;
        return new()
        {
            Model = model,
            Encoder = TextEncoders.Load(folder, model.Config.VocabularySize),
            Source = folder,
            Labels = labels.Count == 1 ? [] : labels, // one output is a number
        };
    }

    public static ClassifierParts OfAdapter(string adapter, string source, IReadOnlyList<string> labels)
    {
        var (model, report) = Pretrained.SequenceClassifier(source, default, Names(labels));
        try
        {
            var encoder = TextEncoders.Load(source, model.Config.VocabularySize);
            var set = ReadAdapter(adapter, model, report);
            return new() { Model = model, Encoder = encoder, Source = source, Labels = labels, Adapters = set };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>An adapter with everything that the model's checkpoint lacks.</summary>
    /// <exception cref="InvalidDataException">It does not fit, or has no head where the checkpoint has none.</exception>
    public static AdapterSet ReadAdapter(string folder, SequenceClassifier model, LoadReport report)
    {
        var set = PeftFolder.Read(folder, model);
        var missing = report.NewlyInitialised
            .Where(name => !set.HeadPaths.Any(head => name.StartsWith($"{head}.", StringComparison.Ordinal)))
            .ToList();
        if (missing.Count == 0)
        {
            return set;
        }

        set.Dispose();
        throw new InvalidDataException(
            $"{folder}: got an adapter without a classification head ({string.Join(", ", missing)} missing), "
                + "which would be random; wanted it under modules_to_save.");
    }

    /// <summary>The names of a model's outputs: its labels, or the one number.</summary>
    public static IReadOnlyList<string> Names(IReadOnlyList<string> labels) => labels.Count == 0 ? ["score"] : labels;
}
