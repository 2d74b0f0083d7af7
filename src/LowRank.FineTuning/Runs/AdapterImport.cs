using LowRank.Adapters;
using LowRank.FineTuning.Data;
using LowRank.Tensors;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.Weights;

namespace LowRank.FineTuning.Runs;

/// <summary>Makes a run's folder of any PEFT LoRA adapter, so that everything a run can do can be done with it.</summary>
public static class AdapterImport
{
    private const string PickleName = "adapter_model.bin";
    private static readonly string[] Heads = ["classifier.out_proj.weight", "classifier.weight"];

    /// <summary>Writes the run's folder, whole or not at all.</summary>
    /// <param name="adapterFolder">
    /// A folder with <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>, or the older
    /// <c>adapter_model.bin</c>, which is read without running what it may hold.
    /// </param>
    /// <param name="run">The run's folder; it does not exist or is empty.</param>
    /// <param name="options">The base model and what else a run says; the adapter's own options are filled in.</param>
    /// <param name="labels">
    /// The label names in the order of the head's rows. Null: the base model's own where their number fits, else
    /// <c>LABEL_0</c>, <c>LABEL_1</c> and so on, as Hugging Face calls them.
    /// </param>
    /// <param name="kind">Whether the head tells classes apart or gives a number; null: one output is a number.</param>
    /// <returns>The labels; empty for a model of numbers.</returns>
    /// <exception cref="ArgumentException">Labels or kind do not fit the head.</exception>
    /// <exception cref="FileNotFoundException">A folder lacks a file.</exception>
    /// <exception cref="InvalidDataException">The adapter has no head, does not fit, or is damaged.</exception>
    /// <exception cref="IOException">The folder is in use or cannot be written; nothing is left behind.</exception>
    public static IReadOnlyList<string> Write(
        string adapterFolder,
        string run,
        FineTuneOptions options,
        IReadOnlyList<string>? labels = null,
        LabelKind? kind = null)
    {
        Check.NotBlank(adapterFolder);
        Check.NotNull(options);
        IReadOnlyList<string> names = [];
        AtomicFolder.Write(run, target =>
        {
            var folder = RunFolder.Create(target);
            CopyAdapter(adapterFolder, folder.AdapterFolder);
            names = Pretrained.IsSequenceToSequence(options.ModelFolder)
                ? NoLabels(options.ModelFolder, labels, kind)
                : LabelsOf(adapterFolder, OutputsOf(adapterFolder, folder.AdapterFolder), options.ModelFolder, labels, kind);
            var parts = PartsOf(adapterFolder, folder.AdapterFolder, options.ModelFolder, names);
            using (parts.Base)
            {
                using var set = parts.Adapters!;
                options = StartingAdapter.Resolve(parts.Base.Complete(options with { From = adapterFolder }), set);
            }

            RunFolder.Write(folder.ConfigFile, options with { From = null });
            RunFolder.Write(folder.LabelsFile, names);
            AtomicFile.WriteText(folder.ReadmeFile, Readme(adapterFolder, run, options));
        });
        return names;
    }

    // The copy is gone when a fault is read: it is told of the folder that was given.
    private static ModelParts PartsOf(string from, string copy, string model, IReadOnlyList<string> labels)
    {
        try
        {
            return ModelParts.OfAdapter(copy, model, labels, device: null);
        }
        catch (InvalidDataException error) when (error.Message.Contains(copy, StringComparison.Ordinal))
        {
            throw new InvalidDataException(error.Message.Replace(copy, from, StringComparison.Ordinal), error);
        }
    }

    private static void CopyAdapter(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from).Where(IsAdapters))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        var pickle = Path.Combine(from, PickleName);
        var weights = Path.Combine(to, PeftFolder.WeightsName);
        if (!File.Exists(weights) && File.Exists(pickle))
        {
            using var source = CheckpointFolder.OpenFile(pickle);
            using var tensors = source.ReadAll();
            tensors.Metadata["format"] = "pt";
            tensors.Save(weights);
        }
    }

    // Its configuration, its weights, and this library's own factors where it wrote the folder.
    private static bool IsAdapters(string file) =>
        Path.GetFileName(file) is "adapter_config.json" or PeftFolder.WeightsName
            or "deep_lora.json" or "deep_lora.safetensors" or "lora.json" or "lora.safetensors";

    private static int OutputsOf(string from, string adapter)
    {
        var path = Path.Combine(adapter, PeftFolder.WeightsName);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"{from}: no {PeftFolder.WeightsName} and no {PickleName}; wanted the folder of a PEFT adapter.", path);
        }

        using var file = SafeTensorsFile.Open(path);
        var head = Heads
            .Select(name => file.Entries.FirstOrDefault(entry => entry.Name == $"base_model.model.{name}"))
            .FirstOrDefault(entry => entry is { Shape.Count: 2 });
        return head is not null ? (int)head.Shape[0] : throw new InvalidDataException(
            $"{from}: the adapter has no classification head; wanted {string.Join(" or ", Heads)} in its file. "
                + "Save it with task_type SEQ_CLS, or with the head under modules_to_save.");
    }

    private static IReadOnlyList<string> LabelsOf(
        string from, int outputs, string modelFolder, IReadOnlyList<string>? labels, LabelKind? kind)
    {
        if ((kind ?? (outputs == 1 && labels is null ? LabelKind.Numbers : LabelKind.Classes)) == LabelKind.Numbers)
        {
            Check.That(
                outputs == 1 && labels is null,
                nameof(kind),
                $"{from}: got {(labels is null ? "" : "labels for numbers, and ")}a head of {outputs} outputs; "
                    + "wanted no labels and one output for numbers.");
            return [];
        }

        Check.That(
            outputs > 1 && (labels is null || labels.Count == outputs),
            nameof(labels),
            $"{from}: got a head of {outputs} outputs{(labels is null ? "" : $" and {labels.Count} labels")}; "
                + "wanted one label for each of two or more outputs.");
        var own = Pretrained.Labels(modelFolder);
        return labels is not null ? new ClassLabels(labels).Names
            : own.Count == outputs ? own
            : [.. Enumerable.Range(0, outputs).Select(number => $"LABEL_{number}")];
    }

    private static IReadOnlyList<string> NoLabels(string modelFolder, IReadOnlyList<string>? labels, LabelKind? kind) =>
        labels is null && kind is null or LabelKind.Texts ? [] : throw new ArgumentException(
            $"{nameof(labels)}: got labels or their kind for {modelFolder}, which writes texts; leave them out.");

    private static string Readme(string from, string run, FineTuneOptions options) => $"""
        # {options.Adapter.Method} on {options.ModelName ?? options.ModelFolder}, imported

        Made of the adapter in {Path.GetFullPath(from)}; nothing was trained here.

        | file | what |
        | --- | --- |
        | adapter/ | the adapter and the head in Hugging Face PEFT's format |
        | labels.json | the label names by their number |
        | config.json | the base model and the adapter's options |

        Use it as any run: `lowrank predict {run} --text "..."`, `lowrank evaluate`, `lowrank merge`,
        `lowrank finetune DATA --from {run}`.

        """;
}
