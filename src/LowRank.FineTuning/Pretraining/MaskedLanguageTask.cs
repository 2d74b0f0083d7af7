using LowRank.Tensors;
using LowRank.Transformers.Bert;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Pretraining;

/// <summary>Learning a language by guessing hidden words, as BERT's authors did.</summary>
/// <remarks>
/// Rows are windows of text, or pairs of lines that may belong together, which is then learned too. What is hidden is
/// drawn anew at each step and is a function of the step's seed, so that a resumed run hides the same; the
/// validation windows always hide the same words. The loss is the mean cross-entropy at the hidden places, and for pairs
/// that of the right answer added to it.
/// </remarks>
public sealed class MaskedLanguageTask : LanguageTask
{
    private readonly BertForMaskedLM _model;
    private readonly MaskedLanguageOptions _options;
    private readonly TokenRows _training;
    private readonly TokenRows _validation;
    private readonly WordMasks _masks;
    private readonly Device _device;

    /// <summary>Encodes the text and packs it into windows.</summary>
    /// <param name="model">The model.</param>
    /// <param name="encoder">The model's text encoder, with a mask token.</param>
    /// <param name="training">Passages of lines to learn from.</param>
    /// <param name="validation">Passages of lines to judge by.</param>
    /// <param name="options">Window length and mask share; the defaults when null.</param>
    /// <exception cref="ArgumentException">
    /// There is no text, the encoder is another model's, or an option is out of range.
    /// </exception>
    public MaskedLanguageTask(
        BertForMaskedLM model,
        TextEncoder encoder,
        IEnumerable<IReadOnlyList<string>> training,
        IEnumerable<IReadOnlyList<string>> validation,
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
        Check.That(
            !_options.Pairs || model.HasPairs, nameof(model), "model: got none with the head for pairs; wanted one.");
        _masks = new(encoder, _options.MaskShare);
        _training = RowsOf(Check.NotNull(training), encoder, nameof(training));
        _validation = RowsOf(Check.NotNull(validation), encoder, nameof(validation));
        _device = model.parameters().First().device;
        Baseline = MeasureBaseline();
    }

    /// <summary>The number of windows or pairs to learn from.</summary>
    public override int Rows => _training.Count;

    /// <inheritdoc/>
    public override long TrainingTokens => _training.Tokens;

    /// <inheritdoc/>
    public override long ValidationTokens => _validation.Tokens;

    /// <inheritdoc/>
    public override UnigramBaseline Baseline { get; }

    /// <inheritdoc/>
    public override string Fingerprint =>
        FormattableString.Invariant(
        $"{_training.Fingerprint}/{_validation.Fingerprint}/{_options.MaskShare}/{_options.Pairs}");

    /// <inheritdoc/>
    public override (Tensor Loss, long Tokens) Loss(IReadOnlyList<int> rows, Seed noise)
    {
        using var scope = NewDisposeScope();
        using var batch = Batch(_training, rows, noise.For("masks"), noise);
        var (words, pairs) = Losses(batch);
        return ((pairs is null ? words : words + pairs).MoveToOuterDisposeScope(), batch.Tokens.Tokens);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, double>> Evaluate()
    {
        var (loss, right, asked, together) = (0.0, 0L, 0L, 0L);
        using var gradients = no_grad();
        foreach (var rows in Enumerable.Range(0, _validation.Count).Chunk(_options.EvaluationBatchSize))
        {
            using var scope = NewDisposeScope();
            using var batch = Batch(_validation, rows, ValidationSeed, null);
            var (words, pairs) = Score(batch);
            loss += batch.Targets.shape[0] * nn.functional.cross_entropy(words, batch.Targets).ToDouble();
            right += words.argmax(1).eq(batch.Targets).sum().ToInt64();
            asked += batch.Targets.shape[0];
            together += pairs?.argmax(1).eq(batch.Apart).sum().ToInt64() ?? 0;
        }

        List<KeyValuePair<string, double>> scores = [new("loss", loss / asked), new("accuracy", (double)right / asked)];
        return _options.Pairs ? [.. scores, new("pair_accuracy", (double)together / _validation.Count)] : scores;
    }

    /// <inheritdoc/>
    public override void SetTraining(bool training) => _model.train(training);

    private static Seed ValidationSeed => new Seed(0).For("validation masks");

    private TokenRows RowsOf(IEnumerable<IReadOnlyList<string>> passages, TextEncoder encoder, string name)
    {
        var (length, types) = (_options.WindowLength, _model.Config.TypeCount);
        TokenRows rows = _options.Pairs
            ? new LinePairs(passages, encoder, length, types)
            : TokenWindows.OfPairs(passages.SelectMany(passage => passage), encoder, length, types);
        Check.That(
            rows.Count > 0,
            name,
            $"{name}: got no text; wanted {(_options.Pairs ? "passages of two lines or more" : "at least a line")}.");
        return rows;
    }

    private (Tensor Words, Tensor? Pairs) Score(MaskedBatch batch) => _options.Pairs
        ? _model.ScorePairs(batch.Tokens, batch.Places)
        : (_model.call(batch.Tokens, batch.Places), null);

    private (Tensor Words, Tensor? Pairs) Losses(MaskedBatch batch)
    {
        var (words, pairs) = Score(batch);
        return (
            nn.functional.cross_entropy(words, batch.Targets),
            pairs is null ? null : nn.functional.cross_entropy(pairs, batch.Apart));
    }

    private MaskedBatch Batch(TokenRows from, IReadOnlyList<int> rows, Seed masks, Seed? dropout)
    {
        TokenRow[] drawn = [.. rows.Select(row => from.Row(row, masks.For(row)))];
        var shown = new List<int[]>(drawn.Length);
        var (places, targets) = (new List<long>(), new List<long>());
        var offset = 0L;
        foreach (var (row, number) in drawn.Zip(rows))
        {
            var (seen, hidden) = _masks.Hide(row.Ids, masks.For(number));
            shown.Add(seen);
            places.AddRange(hidden.Select(place => offset + place));
            targets.AddRange(hidden.Select(place => (long)row.Ids[place]));
            offset += row.Ids.Length;
        }

        return new(
            TokenBatch.Create(shown, [.. drawn.Select(row => row.Types)], _device, dropout),
            tensor(places.ToArray(), device: _device),
            tensor(targets.ToArray(), device: _device),
            tensor(drawn.Select(row => row.Apart ? 1L : 0).ToArray(), device: _device));
    }

    private UnigramBaseline MeasureBaseline()
    {
        var hidden = new List<int>();
        for (var number = 0; number < _validation.Count; number++)
        {
            var row = _validation.Row(number, ValidationSeed.For(number));
            hidden.AddRange(_masks.Hide(row.Ids, ValidationSeed.For(number)).Places.Select(place => row.Ids[place]));
        }

        return UnigramBaseline.Measure(_training.Ids, _masks.IsOrdinary, hidden);
    }

    // The tokens are the batch's own; the tensors belong to the scope that they were made in.
    private sealed record MaskedBatch(TokenBatch Tokens, Tensor Places, Tensor Targets, Tensor Apart) : IDisposable
    {
        public void Dispose() => Tokens.Dispose();
    }
}
