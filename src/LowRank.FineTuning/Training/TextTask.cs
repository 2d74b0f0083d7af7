using LowRank.FineTuning.Data;
using LowRank.FineTuning.Metrics;
using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Training;

/// <summary>Learning labels or numbers of texts with an encoder model.</summary>
/// <remarks>
/// The loss is the mean cross-entropy of classes (weighted where weights are given), or the mean squared error of
/// numbers. Texts are encoded once; batches hold real tokens only.
/// </remarks>
public sealed class TextTask : LearningTask, IDisposable
{
    private readonly SequenceClassifier _model;
    private readonly EncodedExamples _training;
    private readonly EncodedExamples _validation;
    private readonly TextTaskOptions _options;
    private readonly ClassLabels? _labels;
    private readonly Device _device;
    private readonly Tensor? _weights;
    private readonly Metric _metric;

    // The last rows: layers that run again in the backward pass look at them once more.
    private TokenBatch? _batch;

    /// <summary>Encodes the examples.</summary>
    /// <param name="model">The model; its labels are the examples' own, or one for numbers.</param>
    /// <param name="encoder">The model's text encoder.</param>
    /// <param name="training">What is learned from.</param>
    /// <param name="validation">What it is judged by; of the same kind and labels.</param>
    /// <param name="options">Lengths, weights and metric; the defaults when null.</param>
    /// <exception cref="ArgumentException">The sets, the labels and the model do not belong together.</exception>
    /// <exception cref="InvalidDataException">Nothing can be learned from the training rows.</exception>
    public TextTask(
        SequenceClassifier model,
        TextEncoder encoder,
        ExampleSet training,
        ExampleSet validation,
        TextTaskOptions? options = null)
    {
        _model = Check.NotNull(model);
        Check.NotNull(encoder);
        Check.NotNull(training).CheckTrainable();
        Check.NotNull(validation);
        _options = options ?? new TextTaskOptions();
        _labels = training.Labels;
        var classes = _labels?.Count ?? 1;
        RequireFitting(model, encoder, training, validation, classes);
        _options.Validate(classes, model.Config.LongestRow);
        _training = new EncodedExamples(training, encoder, _options.MaxLength);
        _validation = new EncodedExamples(validation, encoder, _options.MaxLength);
        _device = model.parameters().First().device;
        _metric = _options.Metric ?? (_labels is null ? Metric.Pearson : Metric.Accuracy);
        if (_metric != Metric.Loss)
        {
            _ = _metric.In(Score(_validation.Targets)); // a metric that these labels do not have is refused here
        }

        using var scope = NewDisposeScope();
        _weights = _options.ClassWeights is null
            ? null
            : tensor(_options.ClassWeights.Select(weight => (float)weight).ToArray(), device: _device)
                .DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public override int Rows => _training.Count;

    /// <inheritdoc/>
    public override string Fingerprint => $"{_training.Fingerprint()}/{_validation.Fingerprint()}";

    /// <inheritdoc/>
    public override string MainScore => _metric.Name;

    /// <inheritdoc/>
    public override bool HigherIsBetter => _metric.GreaterIsBetter;

    /// <inheritdoc/>
    public override (Tensor Loss, long Tokens) Loss(IReadOnlyList<int> rows, Seed noise)
    {
        Check.NotNull(rows);
        using var scope = NewDisposeScope();
        _batch?.Dispose();
        _batch = _training.Batch(rows, _device, noise);
        var loss = Loss(_model.call(_batch), [.. rows.Select(row => _training.Targets[row])]);
        return (loss.MoveToOuterDisposeScope(), _batch.Tokens);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, double>> Evaluate()
    {
        var predictions = new double[_validation.Count];
        var loss = 0.0;
        var sampler = new BatchSampler(
            _validation.Count,
            _options.EvaluationBatchSize,
            default,
            BatchOrder.LongestFirst,
            lengths: _validation.Lengths);
        using var gradients = no_grad();
        foreach (var rows in sampler.Epoch(0))
        {
            using var scope = NewDisposeScope();
            using var batch = _validation.Batch(rows, _device);
            var logits = _model.call(batch); // [rows, labels]
            loss += rows.Length * Loss(logits, [.. rows.Select(row => _validation.Targets[row])]).ToDouble();
            var chosen = _labels is null ? logits.squeeze(1) : logits.argmax(1);
            var values = chosen.to(ScalarType.Float64, CPU).ReadNumbers<double>();
            for (var i = 0; i < rows.Length; i++)
            {
                predictions[rows[i]] = values[i];
            }
        }

        return [new("loss", loss / _validation.Count), .. Score(predictions).Values];
    }

    /// <inheritdoc/>
    public override void SetTraining(bool training) => _model.train(training);

    /// <summary>Frees the class weights and the last batch; the model stays.</summary>
    public void Dispose()
    {
        _weights?.Dispose();
        _batch?.Dispose();
    }

    private static void RequireFitting(
        SequenceClassifier model, TextEncoder encoder, ExampleSet training, ExampleSet validation, int classes)
    {
        Check.That(
            model.Config.Labels.Count == classes,
            nameof(model),
            $"model: got {model.Config.Labels.Count} outputs; wanted {classes}, one per label of the training rows.");
        Check.That(
            encoder.VocabularySize <= model.Config.VocabularySize,
            nameof(encoder),
            $"encoder: got {encoder.VocabularySize} ids ({encoder.Description}); wanted at most the model's "
                + $"{model.Config.VocabularySize}. The tokenizer is of another model.");
        Check.That(
            validation.Kind == training.Kind
                && (training.Labels is null || training.Labels.Names.SequenceEqual(validation.Labels?.Names ?? [])),
            nameof(validation),
            $"validation: got {validation.Kind} ({validation.Labels}); wanted {training.Kind} ({training.Labels}), "
                + "as the training rows have.");
    }

    private Tensor Loss(Tensor logits, double[] targets) => _labels is null
        ? nn.functional.mse_loss(
            logits.squeeze(1), tensor(targets.Select(target => (float)target).ToArray(), device: _device))
        : nn.functional.cross_entropy(
            logits, tensor(targets.Select(target => (long)target).ToArray(), device: _device), _weights);

    private EvaluationScores Score(double[] predictions) => _labels is null
        ? RegressionScores.Of(_validation.Targets, predictions)
        : ClassificationScores.Of(
            [.. _validation.Targets.Select(target => (int)target)],
            [.. predictions.Select(prediction => (int)prediction)],
            _labels.Names);
}
