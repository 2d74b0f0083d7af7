using LowRank.Adapters;
using LowRank.FineTuning.Runs;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Transformers.Bert;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.Tokenization;

namespace LowRank.FineTuning.Pretraining;

/// <summary>Teaches a BERT a language from plain text, and leaves a model folder to fine-tune from.</summary>
public sealed class Pretrainer : IDisposable
{
    private readonly PretrainOptions _options;
    private readonly AdapterSet _weights;

    /// <summary>Loads or draws the model and packs the text.</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="shape">
    /// The shape of a new model; its vocabulary's size is the tokenizer's. Null goes on from a model folder.
    /// </param>
    /// <exception cref="ArgumentException">The options, the text and the model do not belong together.</exception>
    /// <exception cref="FileNotFoundException">A folder lacks a file, or there is no such text.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public Pretrainer(PretrainOptions options, BertConfig? shape = null)
    {
        _options = Check.NotNull(options);
        Check.That(
            (shape is null) != (options.ModelFolder is null),
            nameof(shape),
            "shape: wanted the shape of a new model, or a model folder to go on from, and not both.");
        var encoder = TextEncoders.Load(options.TokenizerSource);
        var seed = Seed.From(options.Training.Seed).For("model");
        var (training, validation) = options.ReadText();
        Model = shape is null
            ? Pretrained.MaskedLM(options.ModelFolder!, seed, options.Masking.Pairs).Model
            : New(shape with { VocabularySize = encoder.VocabularySize }, options.Masking.Pairs, seed);
        try
        {
            Task = new MaskedLanguageTask(Model, encoder, training, validation, options.Masking);
            _weights = AdapterSet.Attach(Model, new FullOptions(), TargetSelector.AllLinear(), default);
        }
        catch
        {
            Model.Dispose();
            throw;
        }
    }

    /// <summary>The model that is trained.</summary>
    public BertForMaskedLM Model { get; }

    /// <summary>The text and the masks.</summary>
    public MaskedLanguageTask Task { get; }

    /// <summary>Trains and writes the model folder.</summary>
    /// <param name="folder">The folder: a new one, or the run's own when resuming.</param>
    /// <param name="resume">Whether to go on from the folder's checkpoint.</param>
    /// <param name="observers">Who else watches.</param>
    /// <param name="cancellation">Stops after the current step, with a checkpoint.</param>
    /// <returns>How it ended; the model then holds the kept weights.</returns>
    /// <exception cref="InvalidDataException">Resuming, and the checkpoint is damaged or of another run.</exception>
    /// <exception cref="IOException">The folder cannot be written; the last checkpoint is intact.</exception>
    public TrainingResult Run(
        PretrainFolder folder,
        bool resume = false,
        IReadOnlyList<TrainingObserver>? observers = null,
        CancellationToken cancellation = default)
    {
        Check.NotNull(folder);
        if (!resume)
        {
            folder.TakeTokenizer(_options.TokenizerSource);
            BertFolder.WriteConfig(folder.Path, Model);
            RunFolder.Write(folder.OptionsFile, _options);
        }

        using var events = new TensorBoardLog(folder.EventsFolder);
        using var trainer = new Trainer(
            Task,
            _weights,
            _options.TrainingFor(Task.Rows),
            [new MetricsFile(folder.MetricsFile), events, .. observers ?? []],
            folder.CheckpointFolder);
        var result = trainer.Run(resume, cancellation);
        BertFolder.WriteWeights(folder.Path, Model, _options.Dtype);
        RunFolder.Write(folder.ResultFile, result);
        AtomicFile.WriteText(folder.ReadmeFile, PretrainReadme.Of(_options, Model.Config, Task, result));
        return result;
    }

    /// <summary>Frees the model.</summary>
    public void Dispose()
    {
        _weights.Dispose();
        Model.Dispose();
    }

    private static BertForMaskedLM New(BertConfig config, bool pairs, Seed seed)
    {
        var model = new BertForMaskedLM(config, pairs);
        model.InitializeNearby(seed);
        return model;
    }
}
