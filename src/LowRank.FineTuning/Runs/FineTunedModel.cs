using LowRank.Adapters;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Metrics;
using LowRank.Tensors;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.Tokenization;
using LowRank.Transformers.Weights;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Runs;

/// <summary>
/// What fine-tuning gives: a <see cref="TextClassifier"/>, or a <see cref="TextGenerator"/> where texts are written.
/// </summary>
public abstract class FineTunedModel : IDisposable
{
    private readonly BaseModel _base;

    private protected FineTunedModel(ModelParts parts)
    {
        (_base, Adapters, Run, Labels) = (parts.Base, parts.Adapters, parts.Run, parts.Labels);
        MaxLength = Math.Min(parts.MaxLength ?? int.MaxValue, _base.LongestFor(new() { ModelFolder = "", MaxLength = int.MaxValue }));
        _base.Model.eval();
    }

    /// <summary>The label names by their number; empty for a model of numbers or of texts.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The options of the run; null for what is no run of this library.</summary>
    public FineTuneOptions? Run { get; }

    /// <summary>The adapters and heads on the model; null where the weights themselves were trained.</summary>
    public AdapterSet? Adapters { get; }

    /// <summary>The text encoder of the model.</summary>
    public TextEncoder Encoder => _base.Encoder;

    /// <summary>The most tokens of a text that are read.</summary>
    public int MaxLength { get; }

    /// <summary>Loads what a run has learned, or a model that needs no run, of either kind.</summary>
    /// <param name="folder">A run's folder; or a model's in the Hugging Face layout, such as a merged one.</param>
    /// <param name="modelFolder">The base model's folder, when it is not where the run found it.</param>
    /// <param name="maxLength">The most tokens of a text. Null: as in the run; of a model, as many as it can read.</param>
    /// <param name="device">Where the model computes; the CPU when null.</param>
    /// <returns>The model; the caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">The run or the model lacks a file.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or run and model do not fit.</exception>
    public static FineTunedModel Open(
        string folder, string? modelFolder = null, int? maxLength = null, Device? device = null) =>
        Of(ModelParts.Of(Check.NotBlank(folder), modelFolder, maxLength, device));

    /// <summary>Loads any adapter, as PEFT and this library write them, onto its base model, of either kind.</summary>
    /// <param name="adapterFolder">The adapter's folder.</param>
    /// <param name="modelFolder">The base model's folder.</param>
    /// <param name="labels">
    /// The label names in the order of a head's rows; empty for a model of numbers or of texts.
    /// </param>
    /// <param name="maxLength">The most tokens of a text; null for as many as the model can read.</param>
    /// <param name="device">Where the model computes; the CPU when null.</param>
    /// <returns>The model; the caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">A folder lacks a file.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or adapter, labels and model do not fit.</exception>
    public static FineTunedModel OpenAdapter(
        string adapterFolder, string modelFolder, IReadOnlyList<string> labels, int? maxLength = null, Device? device = null) =>
        Of(ModelParts.OfAdapter(adapterFolder, modelFolder, Check.NotNull(labels), device) with { MaxLength = maxLength });

    /// <summary>Scores the model on rows with labels, numbers or target texts, as the run had.</summary>
    /// <param name="examples">The rows.</param>
    /// <returns>The scores.</returns>
    /// <exception cref="ArgumentException">The rows are of another kind or have other labels.</exception>
    public abstract EvaluationScores Evaluate(ExampleSet examples);

    /// <summary>The model's own outputs, by which two forms of one model can be compared.</summary>
    /// <param name="examples">
    /// The texts. A model that writes is asked what comes after the row's target text, or after nothing.
    /// </param>
    /// <returns>A score per label, one number, or a score per token of the vocabulary, for each row.</returns>
    public abstract IReadOnlyList<IReadOnlyList<double>> Logits(IReadOnlyList<Example> examples);

    /// <summary>Adds the updates into the weights for good; nothing happens where there are none.</summary>
    /// <exception cref="InvalidDataException">
    /// An update has a NaN or infinite number: the weights are as they were.
    /// </exception>
    public void Merge()
    {
        if (Adapters is null || Adapters.IsMerged)
        {
            return;
        }

        try
        {
            Adapters.Merge(reversible: false);
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidDataException(error.Message, error);
        }
    }

    /// <summary>Merges, and writes the model as a folder in the Hugging Face layout, its labels included.</summary>
    /// <param name="folder">The target; it does not exist or is empty.</param>
    /// <param name="options">Number format and sizes; the defaults when null.</param>
    /// <exception cref="InvalidDataException">A number is NaN or infinite; nothing was written.</exception>
    /// <exception cref="IOException">The folder is in use or cannot be written; nothing is left behind.</exception>
    public void SaveModel(string folder, ModelWriterOptions? options = null)
    {
        Merge();
        ModelWriter.Write(folder, _base.Model, _base.Folder, options);
    }

    /// <summary>Writes the adapter and the head alone, in PEFT's format, for other programs.</summary>
    /// <param name="folder">The target; it does not exist or is empty.</param>
    /// <param name="options">
    /// Number format and ranks; the base model and the heads are filled in, the factors as trained left out.
    /// </param>
    /// <returns>The rank of each layer.</returns>
    /// <exception cref="InvalidOperationException">
    /// There is no adapter (the weights themselves were trained), it is merged, or its kind cannot be compact.
    /// </exception>
    /// <exception cref="IOException">The folder is in use or cannot be written; nothing is left behind.</exception>
    public PeftReport SaveAdapter(string folder, PeftOptions? options = null)
    {
        var set = Adapters ?? throw new InvalidOperationException(
            "There is no adapter to write: the weights of the model themselves were trained.");
        options = (options ?? new PeftOptions()) with
        {
            BaseModel = Run?.ModelName ?? _base.Folder,
            Revision = Run?.Revision,
            TaskType = _base.TaskType,
            KeepsFactors = false,
        };
        PeftReport? report = null;
        AtomicFolder.Write(folder, target => report = PeftFolder.Write(target, set, options));
        return report!;
    }

    /// <summary>Frees the model and its adapters; no prediction may be under way.</summary>
    public void Dispose()
    {
        Adapters?.Dispose();
        _base.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Refuses the folder of a model of the other kind; other faults are told when it is loaded.</summary>
    private protected static void RequireKind(string folder, bool writes, string wanted)
    {
        if (!File.Exists(Path.Combine(Check.NotBlank(folder), "config.json")))
        {
            return;
        }

        var found = RunFolder.IsRun(folder)
            ? RunFolder.Open(folder).ReadOptions().Generator is not null
            : Pretrained.IsSequenceToSequence(folder);
        if (found != writes)
        {
            throw new InvalidDataException(
                $"{folder}: got a model that {(found ? "writes" : "labels")} texts; wanted {wanted}.");
        }
    }

    private static FineTunedModel Of(ModelParts parts) =>
        parts.Base is BaseGenerator ? new TextGenerator(parts) : new TextClassifier(parts);

    /// <summary>The model's device.</summary>
    private protected Device Device => _base.Model.parameters().First().device;
}
