using LowRank.Adapters;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.Tokenization;
using LowRank.Transformers.Weights;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Runs;

/// <summary>A base model and its text encoder, loaded once for any number of runs, one after another.</summary>
/// <remarks>
/// What sets the kinds of models apart in fine-tuning is here, and nothing else is. A run adapts the model and leaves it
/// as it was when the run's <see cref="TextFineTuner"/> is disposed.
/// </remarks>
public abstract class BaseModel : IDisposable
{
    private protected BaseModel(string folder, TextEncoder encoder, LoadReport weights) =>
        (Folder, Encoder, Weights) = (folder, encoder, weights);

    /// <summary>The folder that it was loaded from.</summary>
    public string Folder { get; }

    /// <summary>The model's text encoder.</summary>
    public TextEncoder Encoder { get; }

    /// <summary>The model, in evaluation mode.</summary>
    public abstract nn.Module Model { get; }

    /// <summary>What became of each tensor of the model's checkpoint, and which are new.</summary>
    public LoadReport Weights { get; }

    /// <summary>The word by which PEFT knows what such a model does.</summary>
    internal abstract string TaskType { get; }

    /// <summary>Loads a model that can learn some rows: a writer for target texts, else a classifier.</summary>
    /// <param name="folder">The base model's folder in the Hugging Face layout.</param>
    /// <param name="rows">Rows with the labels, numbers or target texts that the model is to learn.</param>
    /// <param name="device">Where the model computes; the CPU when null.</param>
    /// <returns>The model; the caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">The folder lacks a file.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is damaged, or the model is of no known family or cannot learn such rows.
    /// </exception>
    public static BaseModel Load(string folder, ExampleSet rows, Device? device = null)
    {
        var writes = Check.NotNull(rows).Kind == LabelKind.Texts;
        return Pretrained.IsSequenceToSequence(folder) == writes
            ? Load(folder, rows.Labels?.Names ?? ["score"], device)
            : throw new InvalidDataException(writes
                ? $"{folder}: got a classifier's model for rows with target texts; wanted a T5 or mT5, which writes texts."
                : $"{folder}: got a T5, which writes texts, for rows with {rows.Kind}; wanted rows with a source and a target "
                    + "text, or a BERT, RoBERTa or DistilBERT.");
    }

    /// <summary>Frees the model.</summary>
    public void Dispose()
    {
        Model.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Loads a model of either kind.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="labels">The names of a classifier's outputs; null for the checkpoint's own.</param>
    /// <param name="device">Where it computes; the CPU when null.</param>
    internal static BaseModel Load(string folder, IReadOnlyList<string>? labels, Device? device) =>
        Pretrained.IsSequenceToSequence(folder) ? BaseGenerator.Load(folder, device) : BaseClassifier.Load(folder, labels, device);

    /// <summary>The layers that the checkpoint did not have; they belong to an adapter, trained or not.</summary>
    internal abstract IReadOnlyList<string> NewLayers { get; }

    /// <summary>The options with what this kind of model adds; refuses those of the other kind.</summary>
    internal abstract FineTuneOptions Complete(FineTuneOptions options);

    /// <summary>Gets the model ready for a run: whatever the checkpoint did not have is drawn from the run's seed.</summary>
    internal abstract void Prepare(FineTuneOptions options, ExampleSet training);

    /// <summary>What a run learns and is judged by.</summary>
    internal abstract LearningTask TaskFor(FineTuneOptions options, ExampleSet training, ExampleSet judged);

    /// <summary>Which layers get an adapter.</summary>
    internal abstract TargetSelector TargetsFor(FineTuneOptions options);

    /// <summary>The layers that are trained in full beside the adapters.</summary>
    internal abstract IReadOnlyList<string> HeadsFor(FineTuneOptions options);

    /// <summary>The most tokens of a text that a run reads.</summary>
    internal abstract int LongestFor(FineTuneOptions options);
}
