using LowRank.FineTuning.Data;
using LowRank.FineTuning.Metrics;
using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.Tokenization;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Runs;

/// <summary>A fine-tuned model that labels texts or gives them numbers.</summary>
/// <remarks>
/// Thread-safe: one classifier may serve many requests at once. A prediction leaves no tensor behind. Merging and
/// disposing are for one thread alone.
/// </remarks>
public sealed class TextClassifier : FineTunedModel
{
    private const int BatchSize = 64;
    private const string Wanted = "a run that labels texts or gives them numbers, or a model with a classification head";

    internal TextClassifier(ModelParts parts)
        : base(parts) => Model = ((BaseClassifier)parts.Base).Model;

    /// <summary>The model; owned by the classifier.</summary>
    public SequenceClassifier Model { get; }

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
    /// <param name="device">Where the model computes; the CPU when null.</param>
    /// <returns>The classifier; the caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">The run or the model lacks a file.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or run and model do not fit.</exception>
    public static TextClassifier Load(
        string folder, string? modelFolder = null, bool merge = false, int? maxLength = null, Device? device = null)
    {
        RequireKind(folder, writes: false, Wanted);
        var classifier = new TextClassifier(ModelParts.Of(folder, modelFolder, maxLength, device));
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
    /// <param name="device">Where the model computes; the CPU when null.</param>
    /// <returns>The classifier; the caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">A folder lacks a file.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or adapter, labels and model do not fit.</exception>
    public static TextClassifier FromAdapter(
        string adapterFolder, string modelFolder, IReadOnlyList<string> labels, int? maxLength = null, Device? device = null)
    {
        RequireKind(modelFolder, writes: false, Wanted);
        return new(
            ModelParts.OfAdapter(adapterFolder, modelFolder, Check.NotNull(labels), device) with { MaxLength = maxLength });
    }

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
            .Select(example => Encoder.Encode(example.Text, example.TextPair, MaxLength))
            .ToArray();
        var predictions = new TextPrediction[texts.Length];

        // Rows of like length share a batch, which costs the least; the order of the results is the caller's.
        foreach (var rows in Enumerable.Range(0, texts.Length).OrderBy(row => texts[row].Ids.Length).Chunk(BatchSize))
        {
            var logits = LogitsOf([.. rows.Select(row => texts[row])]);
            for (var i = 0; i < rows.Length; i++)
            {
                predictions[rows[i]] = TextPrediction.Of(texts[rows[i]], logits[i], Labels);
            }
        }

        return predictions;
    }

    /// <inheritdoc/>
    public override EvaluationScores Evaluate(ExampleSet examples)
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

    /// <inheritdoc/>
    public override IReadOnlyList<IReadOnlyList<double>> Logits(IReadOnlyList<Example> examples) =>
        [.. Predict(examples).Select(prediction => prediction.Logits)];

    // [rows][labels], or one number per row.
    private double[][] LogitsOf(IReadOnlyList<TokenizedText> texts)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        using var batch = TokenBatch.Create(
            [.. texts.Select(text => text.Ids)],
            [.. texts.Select(text => text.TypeIds)],
            Device);
        var logits = Model.call(batch).to(ScalarType.Float64); // [rows, labels]
        return [.. logits.ReadNumbers<double>().Chunk((int)logits.shape[1])];
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
