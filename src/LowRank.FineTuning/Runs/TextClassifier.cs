using LowRank.Adapters;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Metrics;
using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.Tokenization;
using LowRank.Transformers.Weights;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Runs;

/// <summary>A fine-tuned model that labels texts or gives them numbers.</summary>
/// <remarks>
/// Thread-safe: one classifier may serve many requests at once. A prediction leaves no tensor behind. Merging and
/// disposing are for one thread alone.
/// </remarks>
public sealed class TextClassifier : IDisposable
{
    private const int BatchSize = 64;

    private readonly string _source;
    private readonly TextEncoder _encoder;
    private readonly int _maxLength;

    internal TextClassifier(ClassifierParts parts)
    {
        (Model, Adapters, _source, Labels) = (parts.Model, parts.Adapters, parts.Source, parts.Labels);
        Run = parts.Run;
        _encoder = parts.Encoder;
        _maxLength = Math.Min(parts.MaxLength ?? int.MaxValue, Model.Config.LongestRow);
        Model.eval();
    }

    /// <summary>The label names by their number; empty for a model of numbers.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The options of the run; null for what is no run of this library.</summary>
    public FineTuneOptions? Run { get; }

    /// <summary>The model; owned by the classifier.</summary>
    public SequenceClassifier Model { get; }

    /// <summary>The adapters and heads on the model; null where the weights themselves were trained.</summary>
    public AdapterSet? Adapters { get; }

    /// <summary>Loads what a run has learned, or a model that has its classification head already.</summary>
    /// <param name="folder">A run's folder; or a model's in the Hugging Face layout, such as a merged one.</param>
    /// <param name="modelFolder">The base model's folder, when it is not where the run found it.</param>
    /// <param name="merge">
    /// Whether to add the updates into the weights: faster, and equal up to rounding. False (the default) gives the
    /// very numbers that the run saw.
    /// </param>
    /// <param name="maxLength">
    /// The most tokens of a text. Null: as in the run; of a model, as many as it can read.
    /// </param>
    /// <returns>The classifier; the caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">The run or the model lacks a file.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or run and model do not fit.</exception>
    public static TextClassifier Load(
        string folder, string? modelFolder = null, bool merge = false, int? maxLength = null)
    {
        var parts = RunFolder.IsRun(folder)
            ? ClassifierParts.OfRun(RunFolder.Open(folder), modelFolder)
            : ClassifierParts.OfModel(folder);
        var classifier = new TextClassifier(parts with { MaxLength = maxLength ?? parts.MaxLength });
        try
        {
            if (merge)
            {
                classifier.Merge();
            }

            return classifier;
        }
        catch
        {
            classifier.Dispose();
            throw;
        }
    }

    /// <summary>Loads any adapter with its head, as PEFT and this library write them, onto its base model.</summary>
    /// <param name="adapterFolder">The adapter's folder.</param>
    /// <param name="modelFolder">The base model's folder.</param>
    /// <param name="labels">The label names in the order of the head's rows; empty for a model of numbers.</param>
    /// <param name="maxLength">The most tokens of a text; null for as many as the model can read.</param>
    /// <returns>The classifier; the caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">A folder lacks a file.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or adapter, labels and model do not fit.</exception>
    public static TextClassifier FromAdapter(
        string adapterFolder, string modelFolder, IReadOnlyList<string> labels, int? maxLength = null) =>
        new(ClassifierParts.OfAdapter(adapterFolder, modelFolder, Check.NotNull(labels)) with { MaxLength = maxLength });

    /// <summary>Predicts for one text, or a pair.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pair">The second text; null when there is none.</param>
    /// <returns>The prediction.</returns>
    public TextPrediction Predict(string text, string? pair = null) => Predict([new Example(text, pair)])[0];

    /// <summary>Predicts for many texts, in batches.</summary>
    /// <param name="examples">The texts; their targets are not looked at.</param>
    /// <returns>The predictions, in the same order.</returns>
    public IReadOnlyList<TextPrediction> Predict(IReadOnlyList<Example> examples)
    {
        var texts = Check.NotNull(examples)
            .Select(example => _encoder.Encode(example.Text, example.TextPair, _maxLength))
            .ToArray();
        var predictions = new TextPrediction[texts.Length];

        // Rows of like length share a batch, which costs the least; the order of the results is the caller's.
        foreach (var rows in Enumerable.Range(0, texts.Length).OrderBy(row => texts[row].Ids.Length).Chunk(BatchSize))
        {
            var logits = Logits([.. rows.Select(row => texts[row])]);
            for (var i = 0; i < rows.Length; i++)
            {
                predictions[rows[i]] = TextPrediction.Of(texts[rows[i]], logits[i], Labels);
            }
        }

        return predictions;
    }

    /// <summary>Scores the model on labelled rows.</summary>
    /// <param name="examples">Rows with the run's labels, or with numbers.</param>
    /// <returns>The scores.</returns>
    /// <exception cref="ArgumentException">The rows' labels are of another kind or other names.</exception>
    public EvaluationScores Evaluate(ExampleSet examples)
    {
        Check.NotNull(examples);
        Check.That(
            Labels.Count == 0 ? examples.Kind == LabelKind.Numbers : Labels.SequenceEqual(examples.Labels?.Names ?? []),
            nameof(examples),
            $"examples: got {examples.Kind} ({examples.Labels}); wanted "
                + (Labels.Count == 0 ? "numbers." : $"the classes {string.Join(", ", Labels)}."));
        var predictions = Predict(examples.Examples);
        return Labels.Count == 0
            ? RegressionScores.Of(
                [.. examples.Examples.Select(example => example.Target ?? double.NaN)],
                [.. predictions.Select(prediction => prediction.Score)])
            : ClassificationScores.Of(
                examples.ClassIndices(), [.. predictions.Select(prediction => IndexOf(prediction.Label))], Labels);
    }

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
        ModelWriter.Write(folder, Model, _source, options);
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
            BaseModel = Run?.ModelName ?? _source,
            Revision = Run?.Revision,
            TaskType = TextFineTuner.TaskType,
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
        Model.Dispose();
    }

    // [rows][labels], or one number per row.
    private double[][] Logits(IReadOnlyList<TokenizedText> texts)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        using var batch = TokenBatch.Create(
            [.. texts.Select(text => text.Ids)],
            [.. texts.Select(text => text.TypeIds)],
            Model.parameters().First().device);
        var logits = Model.call(batch).to(ScalarType.Float64); // [rows, labels]
        return [.. logits.cpu().data<double>().ToArray().Chunk((int)logits.shape[1])];
    }

    private int IndexOf(string? label)
    {
        var index = 0;
        while (Labels[index] != label)
        {
            index++;
        }

        return index;
    }
}
