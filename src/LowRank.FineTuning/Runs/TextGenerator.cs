using LowRank.FineTuning.Data;
using LowRank.FineTuning.Metrics.Generation;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Transformers.Generation;
using LowRank.Transformers.T5;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Runs;

/// <summary>A fine-tuned model that writes a text for each source text.</summary>
/// <remarks>The run's prefix goes before each source. Not for several threads at once.</remarks>
public sealed class TextGenerator : FineTunedModel
{
    private const int BatchSize = 16;
    private const string Wanted = "a run that writes texts, or a T5";

    private readonly TextGeneration _generation;

    internal TextGenerator(ModelParts parts)
        : base(parts)
    {
        Model = ((BaseGenerator)parts.Base).Model;
        Options = Run?.Generator ?? new();
        _generation = new(Model, Encoder);
    }

    /// <summary>The model; owned by the generator.</summary>
    public T5ForConditionalGeneration Model { get; }

    /// <summary>Prefix, lengths and beams; may be changed.</summary>
    /// <value>Those of the run; the defaults for what is no run of this library.</value>
    public GeneratorOptions Options { get; set; }

    /// <summary>How texts are written unless told otherwise: as the run did in its evaluations.</summary>
    public GenerationOptions Writing => Options.ToGeneration(Math.Min(MaxLength, new GenerationOptions().SourceLength));

    /// <summary>Loads what a run has learned, or a T5.</summary>
    /// <param name="folder">A run's folder; or a model's in the Hugging Face layout, such as a merged one.</param>
    /// <param name="modelFolder">The base model's folder, when it is not where the run found it.</param>
    /// <param name="merge">Whether to add the updates into the weights: faster, and equal up to rounding.</param>
    /// <param name="maxLength">The most tokens of a source. Null: as in the run; of a model, 512.</param>
    /// <param name="device">Where the model computes; the CPU when null.</param>
    /// <returns>The generator; the caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">The run or the model lacks a file.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or run and model do not fit.</exception>
    public static TextGenerator Load(
        string folder, string? modelFolder = null, bool merge = false, int? maxLength = null, Device? device = null)
    {
        RequireKind(folder, writes: true, Wanted);
        var generator = new TextGenerator(ModelParts.Of(folder, modelFolder, maxLength, device));
        try
        {
            if (merge)
            {
                generator.Merge();
            }

            return generator;
        }
        catch
        {
            generator.Dispose();
            throw;
        }
    }

    /// <summary>Loads any adapter, as PEFT and this library write them, onto its base model.</summary>
    /// <param name="adapterFolder">The adapter's folder.</param>
    /// <param name="modelFolder">The base model's folder.</param>
    /// <param name="maxLength">The most tokens of a source; null for 512.</param>
    /// <param name="device">Where the model computes; the CPU when null.</param>
    /// <returns>The generator; the caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">A folder lacks a file.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or adapter and model do not fit.</exception>
    public static TextGenerator FromAdapter(
        string adapterFolder, string modelFolder, int? maxLength = null, Device? device = null)
    {
        RequireKind(modelFolder, writes: true, Wanted);
        return new(ModelParts.OfAdapter(adapterFolder, modelFolder, [], device) with { MaxLength = maxLength });
    }

    /// <summary>Writes a text for one source.</summary>
    /// <param name="source">The source text, without the prefix.</param>
    /// <param name="options">How to write; null for <see cref="Writing"/>.</param>
    /// <returns>The text.</returns>
    public string Generate(string source, GenerationOptions? options = null) => Generate([source], options)[0];

    /// <summary>Writes a text for each source.</summary>
    /// <param name="sources">The source texts, without the prefix.</param>
    /// <param name="options">How to write; null for <see cref="Writing"/>.</param>
    /// <param name="cancellation">Ends the writing between two tokens.</param>
    /// <returns>The texts, in the sources' order.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="OperationCanceledException">The writing was cancelled.</exception>
    public IReadOnlyList<string> Generate(
        IReadOnlyList<string> sources, GenerationOptions? options = null, CancellationToken cancellation = default) =>
        _generation.Generate([.. Check.NotNull(sources).Select(Prefixed)], options ?? Writing, cancellation);

    /// <summary>Writes a text for each source as the sources come, a batch at a time.</summary>
    /// <param name="sources">The source texts, without the prefix.</param>
    /// <param name="options">How to write; null for <see cref="Writing"/>. A batch of 1 gives each text at once.</param>
    /// <param name="cancellation">Ends the writing between two tokens.</param>
    /// <returns>The texts, in the sources' order.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="OperationCanceledException">The writing was cancelled.</exception>
    public IAsyncEnumerable<string> StreamAsync(
        IAsyncEnumerable<string> sources, GenerationOptions? options = null, CancellationToken cancellation = default) =>
        _generation.StreamAsync(Check.NotNull(sources).Select(Prefixed), options ?? Writing, cancellation);

    /// <inheritdoc/>
    public override GenerationScores Evaluate(ExampleSet examples) => Evaluate(examples, null);

    /// <summary>Writes a text for each different source and scores it against the target texts of all its rows.</summary>
    /// <param name="examples">Rows with target texts.</param>
    /// <param name="options">How to write; null for <see cref="Writing"/>.</param>
    /// <param name="cancellation">Ends the writing between two tokens.</param>
    /// <returns>The scores.</returns>
    /// <exception cref="ArgumentException">The rows have no target texts, or an option is out of range.</exception>
    /// <exception cref="OperationCanceledException">The writing was cancelled.</exception>
    public GenerationScores Evaluate(
        ExampleSet examples, GenerationOptions? options, CancellationToken cancellation = default)
    {
        RequireTexts(examples);
        var references = ReferenceTexts.Of(examples.Examples);
        return GenerationScores.Of(Generate(references.Sources, options, cancellation), references.References);
    }

    /// <summary>The mean cross-entropy of the target texts' tokens.</summary>
    /// <param name="examples">Rows with target texts.</param>
    /// <returns>The loss, in nats per token.</returns>
    /// <exception cref="ArgumentException">The rows have no target texts.</exception>
    public double Loss(ExampleSet examples)
    {
        RequireTexts(examples);
        var task = new GeneratorTask(
            Model, Encoder, examples, examples, new() { MaxLength = Writing.SourceLength, Generator = Options with { WritesTexts = false } });
        return task.Evaluate()[0].Value;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<IReadOnlyList<double>> Logits(IReadOnlyList<Example> examples)
    {
        var pairs = new EncodedPairs(Check.NotNull(examples), Encoder, Writing.SourceLength, Options);
        var logits = new List<double[]>(pairs.Count);
        foreach (var rows in Enumerable.Range(0, pairs.Count).Chunk(BatchSize))
        {
            using var gradients = no_grad();
            using var scope = NewDisposeScope();
            using var batch = pairs.Batch(rows, Model.Config.StartTokenId, Device);
            var last = batch.Target.Offsets.Skip(1).Select(offset => offset - 1L).ToArray();
            var scores = Model.call(batch).index_select(0, tensor(last, device: Device)).to(ScalarType.Float64);
            logits.AddRange(scores.ReadNumbers<double>().Chunk(Model.Config.VocabularySize));
        }

        return logits;
    }

    private string Prefixed(string source) => Options.Prefix + source;

    private static void RequireTexts(ExampleSet examples) => Check.That(
        Check.NotNull(examples).Kind == LabelKind.Texts,
        nameof(examples),
        $"examples: got {examples.Kind}; wanted rows with a source and a target text.");
}
