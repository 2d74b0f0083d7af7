using LowRank.Adapters;
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
/// Thread-safe: one classifier may serve many requests at once. A prediction leaves no tensor behind.
/// </remarks>
public sealed class TextClassifier : IDisposable
{
    private const int BatchSize = 64;

    private readonly SequenceClassifier _model;
    private readonly AdapterSet _adapters;
    private readonly TextEncoder _encoder;
    private readonly int _maxLength;

    internal TextClassifier(
        SequenceClassifier model, AdapterSet adapters, TextEncoder encoder, IReadOnlyList<string> labels, int maxLength)
    {
        _model = model;
        _adapters = adapters;
        _encoder = encoder;
        _maxLength = maxLength;
        Labels = labels;
    }

    /// <summary>The label names by their number; empty for a model of numbers.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Loads what a run has learned.</summary>
    /// <param name="run">The run folder.</param>
    /// <param name="modelFolder">The base model's folder, when it is not where the run found it.</param>
    /// <param name="merge">
    /// Whether to add the updates into the weights: faster, and equal up to rounding. False (the default) gives the
    /// very numbers that the run saw.
    /// </param>
    /// <returns>The classifier; the caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">The run or the base model lacks a file.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or run and model do not fit.</exception>
    public static TextClassifier Load(string run, string? modelFolder = null, bool merge = false)
    {
        var folder = RunFolder.Open(run);
        var options = folder.ReadOptions();
        var labels = folder.ReadLabels();
        if (!Directory.Exists(folder.AdapterFolder))
        {
            throw new FileNotFoundException(
                $"{run}: the run has no adapter yet, since it did not end; resume it first.", folder.AdapterFolder);
        }

        var source = modelFolder ?? options.ModelFolder;
        if (!Directory.Exists(source))
        {
            throw new DirectoryNotFoundException(
                $"{source}: no such folder; the run was trained on the model in it. Give the model's folder of today.");
        }

        var seed = Seed.From(options.Training.Seed).For("head");
        var (model, _) = Pretrained.SequenceClassifier(source, seed, labels.Count == 0 ? ["score"] : labels);
        try
        {
            var encoder = TextEncoders.Load(source, model.Config.VocabularySize);
            var adapters = PeftFolder.Read(folder.AdapterFolder, model);
            if (merge)
            {
                adapters.Merge(reversible: false);
            }

            model.eval();
            return new TextClassifier(
                model, adapters, encoder, labels, Math.Min(options.MaxLength, model.Config.LongestRow));
        }
        catch
        {
            model.Dispose();
            throw;
        }
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
            .Select(example => _encoder.Encode(example.Text, example.TextPair, _maxLength))
            .ToArray();
        var predictions = new TextPrediction[texts.Length];

        // Rows of like length share a batch, which costs the least; the order of the results is the caller's.
        foreach (var rows in Enumerable.Range(0, texts.Length).OrderBy(row => texts[row].Ids.Length).Chunk(BatchSize))
        {
            var scores = Scores([.. rows.Select(row => texts[row])]);
            for (var i = 0; i < rows.Length; i++)
            {
                predictions[rows[i]] = Read(texts[rows[i]], scores[i]);
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

    /// <summary>Frees the model and its adapters; no prediction may be under way.</summary>
    public void Dispose()
    {
        _adapters.Dispose();
        _model.Dispose();
    }

    // Probabilities [rows][labels], or one number per row.
    private double[][] Scores(IReadOnlyList<TokenizedText> texts)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        using var batch = TokenBatch.Create(
            [.. texts.Select(text => text.Ids)],
            [.. texts.Select(text => text.TypeIds)],
            _model.parameters().First().device);
        var logits = _model.call(batch).to(ScalarType.Float64); // [rows, labels]
        var scores = Labels.Count == 0 ? logits : nn.functional.softmax(logits, 1);
        return [.. scores.cpu().data<double>().ToArray().Chunk((int)logits.shape[1])];
    }

    private TextPrediction Read(TokenizedText text, double[] scores)
    {
        var best = Array.IndexOf(scores, scores.Max());
        return Labels.Count == 0
            ? new TextPrediction(null, scores[0], [], text.Ids.Length, text.Truncated)
            : new TextPrediction(
                Labels[best],
                scores[best],
                [.. Labels.Zip(scores, (label, score) => new LabelProbability(label, score))],
                text.Ids.Length,
                text.Truncated);
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
