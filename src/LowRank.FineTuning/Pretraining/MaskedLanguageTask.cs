using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Transformers.Bert;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Pretraining;

/// <summary>Learning a language by guessing hidden words: BERT's pre-training without its sentence task.</summary>
/// <remarks>
/// Rows are windows of text. What is hidden is drawn anew at each step and is a function of the step's seed, so that a
/// resumed run hides the same; the validation windows always hide the same words. The loss is the mean cross-entropy
/// at the hidden places.
/// </remarks>
public sealed class MaskedLanguageTask : LearningTask
{
    private readonly BertForMaskedLM _model;
    private readonly MaskedLanguageOptions _options;
    private readonly TokenWindows _training;
    private readonly TokenWindows _validation;
    private readonly WordMasks _masks;
    private readonly Device _device;

    /// <summary>Encodes the text and packs it into windows.</summary>
    /// <param name="model">The model.</param>
    /// <param name="encoder">The model's text encoder, with a mask token.</param>
    /// <param name="training">Lines to learn from.</param>
    /// <param name="validation">Lines to judge by.</param>
    /// <param name="options">Window length and mask share; the defaults when null.</param>
    /// <exception cref="ArgumentException">
    /// There is no text, the encoder is another model's, or an option is out of range.
    /// </exception>
    public MaskedLanguageTask(
        BertForMaskedLM model,
        TextEncoder encoder,
        IEnumerable<string> training,
        IEnumerable<string> validation,
        MaskedLanguageOptions? options = null)
    {
        _model = Check.NotNull(model);
        Check.NotNull(encoder);
        _options = options ?? new();
        _options.Validate(model.Config.LongestRow);
        Check.That(
            encoder.VocabularySize <= model.Config.VocabularySize,
            nameof(encoder),
            $"encoder: got {encoder.VocabularySize} ids ({encoder.Description}); wanted at most the model's "
                + $"{model.Config.VocabularySize}. The tokenizer is of another model.");
        _masks = new(encoder, _options.MaskShare);
        _training = Windows(Check.NotNull(training), encoder, nameof(training));
        _validation = Windows(Check.NotNull(validation), encoder, nameof(validation));
        _device = model.parameters().First().device;
        Baseline = MeasureBaseline();
    }

    /// <summary>The number of windows to learn from.</summary>
    public override int Rows => _training.Count;

    /// <summary>The tokens of all windows to learn from.</summary>
    public long TrainingTokens => _training.Tokens;

    /// <summary>The tokens of all windows to judge by.</summary>
    public long ValidationTokens => _validation.Tokens;

    /// <summary>What guessing by frequency scores on the validation windows.</summary>
    public UnigramBaseline Baseline { get; }

    /// <inheritdoc/>
    public override string Fingerprint =>
        $"{_training.Fingerprint()}/{_validation.Fingerprint()}/{FormattableString.Invariant($"{_options.MaskShare}")}";

    /// <inheritdoc/>
    public override string MainScore => "loss";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public override (Tensor Loss, long Tokens) Loss(IReadOnlyList<int> rows, Seed noise)
    {
        using var scope = NewDisposeScope();
        var (batch, places, targets) = Batch(_training, rows, noise.For("masks"), noise);
        using (batch)
        {
            var loss = nn.functional.cross_entropy(_model.call(batch, places), targets);
            return (loss.MoveToOuterDisposeScope(), batch.Tokens);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, double>> Evaluate()
    {
        var (loss, right, asked) = (0.0, 0L, 0L);
        using var gradients = no_grad();
        foreach (var rows in Enumerable.Range(0, _validation.Count).Chunk(_options.EvaluationBatchSize))
        {
            using var scope = NewDisposeScope();
            var (batch, places, targets) = Batch(_validation, rows, ValidationSeed, null);
            using (batch)
            {
                var logits = _model.call(batch, places); // [places, vocabulary]
                loss += nn.functional.cross_entropy(logits, targets, reduction: nn.Reduction.Sum).ToDouble();
                right += logits.argmax(1).eq(targets).sum().ToInt64();
                asked += targets.shape[0];
            }
        }

        return [new("loss", loss / asked), new("accuracy", (double)right / asked)];
    }

    /// <inheritdoc/>
    public override void SetTraining(bool training) => _model.train(training);

    private static Seed ValidationSeed => new Seed(0).For("validation masks");

    private TokenWindows Windows(IEnumerable<string> lines, TextEncoder encoder, string name)
    {
        var windows = new TokenWindows(lines, encoder, _options.WindowLength, _model.Config.TypeCount);
        Check.That(windows.Count > 0, name, $"{name}: got no text; wanted at least a line.");
        return windows;
    }

    // The batch is the caller's; places and targets belong to the scope.
    private (TokenBatch Batch, Tensor Places, Tensor Targets) Batch(
        TokenWindows windows, IReadOnlyList<int> rows, Seed masks, Seed? dropout)
    {
        var shown = new List<int[]>(rows.Count);
        var (places, targets) = (new List<long>(), new List<long>());
        var offset = 0L;
        foreach (var row in rows)
        {
            var ids = windows.Ids[row];
            var (seen, hidden) = _masks.Hide(ids, masks.For(row));
            shown.Add(seen);
            places.AddRange(hidden.Select(place => offset + place));
            targets.AddRange(hidden.Select(place => (long)ids[place]));
            offset += ids.Length;
        }

        var batch = TokenBatch.Create(shown, [.. rows.Select(row => windows.Types[row])], _device, dropout);
        return (batch, tensor(places.ToArray(), device: _device), tensor(targets.ToArray(), device: _device));
    }

    private UnigramBaseline MeasureBaseline()
    {
        // One more than seen: no token is impossible.
        var counts = Enumerable.Repeat(1L, _masks.IsOrdinary.Length).ToArray();
        foreach (var id in _training.Ids.SelectMany(ids => ids).Where(id => _masks.IsOrdinary[id]))
        {
            counts[id]++;
        }

        double total = counts.Sum();
        var likeliest = Array.IndexOf(counts, counts.Max());
        var hidden = Enumerable.Range(0, _validation.Count)
            .SelectMany(row => _masks.Hide(_validation.Ids[row], ValidationSeed.For(row)).Places
                .Select(place => _validation.Ids[row][place]))
            .ToList();
        return new(
            hidden.Average(id => -Math.Log(counts[id] / total)),
            hidden.Average(id => id == likeliest ? 1.0 : 0));
    }
}
