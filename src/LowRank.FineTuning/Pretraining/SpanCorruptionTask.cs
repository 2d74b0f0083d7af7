using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.T5;
using LowRank.Transformers.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Pretraining;

/// <summary>Learning a language by writing what was left out of a text, as T5's authors did.</summary>
/// <remarks>
/// Rows are windows of text. What is left out is drawn anew at each step and is a function of the step's seed, so that a
/// resumed run leaves out the same; the validation windows always lack the same words. The loss of a step is the mean
/// cross-entropy of the whole target; scores are of the words left out alone, for sentinels are easily guessed.
/// </remarks>
public sealed class SpanCorruptionTask : LanguageTask
{
    private readonly T5ForConditionalGeneration _model;
    private readonly SpanCorruptionOptions _options;
    private readonly TokenWindows _training;
    private readonly TokenWindows _validation;
    private readonly SpanNoise _noise;
    private readonly Device _device;

    /// <summary>Encodes the text and packs it into windows.</summary>
    /// <param name="model">The model.</param>
    /// <param name="encoder">The model's text encoder, with sentinels.</param>
    /// <param name="training">Passages of lines to learn from.</param>
    /// <param name="validation">Passages of lines to judge by.</param>
    /// <param name="options">Window length and what is left out; the defaults when null.</param>
    /// <exception cref="ArgumentException">
    /// There is no text, the encoder is another model's or lacks sentinels, or an option is out of range.
    /// </exception>
    public SpanCorruptionTask(
        T5ForConditionalGeneration model,
        TextEncoder encoder,
        IEnumerable<IReadOnlyList<string>> training,
        IEnumerable<IReadOnlyList<string>> validation,
        SpanCorruptionOptions? options = null)
    {
        _model = Check.NotNull(model);
        Check.NotNull(encoder);
        _options = options ?? new();
        _options.Validate();
        Check.That(
            encoder.VocabularySize <= model.Config.VocabularySize,
            nameof(encoder),
            $"encoder: got {encoder.VocabularySize} ids ({encoder.Description}); wanted at most the model's "
                + $"{model.Config.VocabularySize}. The tokenizer is of another model.");
        _noise = new(encoder, _options);
        _training = WindowsOf(Check.NotNull(training), encoder, nameof(training));
        _validation = WindowsOf(Check.NotNull(validation), encoder, nameof(validation));
        _device = model.parameters().First().device;
        var hidden = Enumerable.Range(0, _validation.Count)
            .SelectMany(row => Corrupted(_validation, row, ValidationSeed).Target)
            .Where(id => _noise.IsOrdinary[id])
            .ToList();
        Baseline = UnigramBaseline.Measure(_training.Ids, _noise.IsOrdinary, hidden);
    }

    /// <summary>The number of windows to learn from.</summary>
    public override int Rows => _training.Count;

    /// <inheritdoc/>
    public override long TrainingTokens => _training.Tokens;

    /// <inheritdoc/>
    public override long ValidationTokens => _validation.Tokens;

    /// <inheritdoc/>
    public override UnigramBaseline Baseline { get; }

    /// <inheritdoc/>
    public override string Fingerprint => FormattableString.Invariant(
        $"{_training.Fingerprint}/{_validation.Fingerprint}/{_options.NoiseDensity}/{_options.MeanSpanLength}");

    /// <inheritdoc/>
    public override (Tensor Loss, long Tokens) Loss(IReadOnlyList<int> rows, Seed noise)
    {
        using var batch = Batch(_training, rows, noise.For("spans"), noise);
        return (_model.Loss(batch), batch.Source.Tokens + batch.Target.Tokens);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, double>> Evaluate()
    {
        var (loss, right, asked) = (0.0, 0L, 0L);
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var isOrdinary = tensor(_noise.IsOrdinary, device: _device);
        foreach (var rows in Enumerable.Range(0, _validation.Count).Chunk(_options.EvaluationBatchSize))
        {
            using var step = NewDisposeScope();
            using var batch = Batch(_validation, rows, ValidationSeed, null);
            var places = isOrdinary.index_select(0, batch.Labels).nonzero().flatten();
            var targets = batch.Labels.index_select(0, places);
            var words = _model.call(batch).index_select(0, places); // [places, vocabulary]
            loss += targets.shape[0] * nn.functional.cross_entropy(words, targets).ToDouble();
            right += words.argmax(1).eq(targets).sum().ToInt64();
            asked += targets.shape[0];
        }

        return [new("loss", loss / asked), new("accuracy", (double)right / asked)];
    }

    /// <inheritdoc/>
    public override void SetTraining(bool training) => _model.train(training);

    private static Seed ValidationSeed => new Seed(0).For("validation spans");

    private TokenWindows WindowsOf(IEnumerable<IReadOnlyList<string>> passages, TextEncoder encoder, string name)
    {
        var windows = TokenWindows.OfText(passages.SelectMany(passage => passage), encoder, _options.WindowLength);
        Check.That(windows.Count > 0, name, $"{name}: got no text; wanted at least a line of two words.");
        return windows;
    }

    private (int[] Source, int[] Target) Corrupted(TokenWindows from, int row, Seed seed) =>
        _noise.Corrupt(from.Row(row, seed).Ids, seed.For(row));

    private SourceTargetBatch Batch(TokenWindows from, IReadOnlyList<int> rows, Seed spans, Seed? dropout)
    {
        var pairs = rows.Select(row => Corrupted(from, row, spans)).ToList();
        return SourceTargetBatch.Create(
            [.. pairs.Select(pair => pair.Source)],
            [.. pairs.Select(pair => pair.Target)],
            _model.Config.StartTokenId,
            _device,
            dropout);
    }
}
