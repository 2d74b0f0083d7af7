using LowRank.Adapters;
using TorchSharp;

namespace LowRank.FineTuning.Runs;

/// <summary>What a fine-tuned model is made of, from each of the folders that hold one.</summary>
internal sealed record ModelParts
{
    public required BaseModel Base { get; init; }

    /// <summary>Empty for a model of numbers or of texts.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    public AdapterSet? Adapters { get; init; }

    public FineTuneOptions? Run { get; init; }

    /// <summary>Null for as many tokens as the model can read.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Of a run's folder, or of a model's that needs no run.</summary>
    public static ModelParts Of(string folder, string? modelFolder, int? maxLength, torch.Device? device)
    {
        var parts = RunFolder.IsRun(folder) ? OfRun(RunFolder.Open(folder), modelFolder, device) : OfModel(folder, device);
        return parts with { MaxLength = maxLength ?? parts.MaxLength };
    }

    public static ModelParts OfAdapter(string adapter, string source, IReadOnlyList<string> labels, torch.Device? device)
    {
        var model = BaseModel.Load(source, Names(labels), device);
        try
        {
            return new() { Base = model, Labels = labels, Adapters = ReadAdapter(adapter, model) };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>An adapter with everything that the model's checkpoint lacks.</summary>
    /// <exception cref="InvalidDataException">It does not fit, or has no head where the checkpoint has none.</exception>
    public static AdapterSet ReadAdapter(string folder, BaseModel model)
    {
        var set = PeftFolder.Read(folder, model.Model);
        var missing = model.Weights.NewlyInitialised
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

    private static ModelParts OfRun(RunFolder run, string? modelFolder, torch.Device? device)
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

        var parts = run.HasModel ? OfModel(run.ModelFolder, device) : OfAdapter(run.AdapterFolder, source, labels, device);
        return parts with { Labels = labels, Run = options, MaxLength = options.MaxLength };
    }

    private static ModelParts OfModel(string folder, torch.Device? device)
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

        var model = BaseModel.Load(folder, labels: null, device);
        if (model.Weights.NewlyInitialised.Count > 0)
        {
            model.Dispose();
            throw new InvalidDataException(
                $"{folder}: got a model without a classification head ({string.Join(", ", model.Weights.NewlyInitialised)} "
                    + "missing); wanted a fine-tuned one, or the folder of a run. Fine-tune it first.");
        }

        var labels = (model as BaseClassifier)?.Model.Config.Labels ?? [];
        return new() { Base = model, Labels = labels.Count == 1 ? [] : labels }; // one output is a number
    }
}
