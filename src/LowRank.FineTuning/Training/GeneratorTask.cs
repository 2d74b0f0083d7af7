using LowRank.FineTuning.Data;
using LowRank.FineTuning.Metrics;
using LowRank.FineTuning.Metrics.Generation;
using LowRank.Tensors;
using LowRank.Transformers.Generation;
using LowRank.Transformers.T5;
using LowRank.Transformers.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Training;

/// <summary>Learning to write texts for texts with an encoder-decoder model.</summary>
/// <remarks>
/// The decoder is shown the target text and asked for its next token each time (teacher forcing); the loss is the mean
/// cross-entropy of the target tokens. Texts are encoded once; batches hold real tokens only.
/// </remarks>
public sealed class GeneratorTask : LearningTask
{
    private readonly T5ForConditionalGeneration _model;
    private readonly EncodedPairs _training;
    private readonly EncodedPairs _validation;
    private readonly ReferenceTexts _references;
    private readonly GeneratorTaskOptions _options;
    private readonly TextGeneration _writing;
    private readonly Device _device;
    private readonly Metric _metric;

    /// <summary>Encodes the examples.</summary>
    /// <param name="model">The model.</param>
    /// <param name="encoder">The model's text encoder.</param>
    /// <param name="training">What is learned from; with target texts.</param>
    /// <param name="validation">What it is judged by; rows with one source are references of one text.</param>
    /// <param name="options">Lengths, smoothing and metric; the defaults when null.</param>
    /// <exception cref="ArgumentException">The sets, the options and the model do not belong together.</exception>
    public GeneratorTask(
        T5ForConditionalGeneration model,
        TextEncoder encoder,
        ExampleSet training,
        ExampleSet validation,
        GeneratorTaskOptions? options = null)
    {
        _model = Check.NotNull(model);
        RequireTexts(Check.NotNull(training), nameof(training));
        RequireTexts(Check.NotNull(validation), nameof(validation));
        _options = options ?? new();
        _options.Validate(model.Config.VocabularySize);
        _metric = _options.Metric ?? Metric.Loss;
        if (_metric != Metric.Loss)
        {
            _ = _metric.In(GenerationScores.Of(["a"], [["a"]])); // a metric that written texts do not have is refused here
        }

        _writing = new(model, encoder);
        _training = new(training.Examples, encoder, _options.MaxLength, _options.Generator);
        _validation = new(validation.Examples, encoder, _options.MaxLength, _options.Generator);
        _references = ReferenceTexts.Of(validation.Examples);
        _device = model.parameters().First().device;
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
        using var batch = _training.Batch(Check.NotNull(rows), _model.Config.StartTokenId, _device, noise);
        var loss = _model.Loss(batch, _options.Generator.LabelSmoothing);
        return (loss, batch.Source.Tokens + batch.Target.Tokens);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, double>> Evaluate()
    {
        var loss = KeyValuePair.Create(Metric.Loss.Name, MeanLoss());
        if (_metric == Metric.Loss && !_options.Generator.WritesTexts)
        {
            return [loss];
        }

        var sources = _references.Sources.Select(source => _options.Generator.Prefix + source);
        var texts = _writing.Generate([.. sources], _options.Generator.ToGeneration(_options.MaxLength));
        return [loss, .. GenerationScores.Of(texts, _references.References).Values];
    }

    /// <inheritdoc/>
    public override void SetTraining(bool training) => _model.train(training);

    // Over all target tokens, whatever the batches.
    private double MeanLoss()
    {
        var (sum, tokens) = (0.0, 0L);
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
            using var batch = _validation.Batch(rows, _model.Config.StartTokenId, _device);
            sum += _model.Loss(batch).ToDouble() * batch.Target.Tokens;
            tokens += batch.Target.Tokens;
        }

        return sum / tokens;
    }

    private static void RequireTexts(ExampleSet rows, string name) => Check.That(
        rows.Kind == LabelKind.Texts,
        name,
        $"{name}: got {rows.Kind}; wanted rows with a source and a target text, which an encoder-decoder learns to write.");
}
