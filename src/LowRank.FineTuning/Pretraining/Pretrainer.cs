using LowRank.Adapters;
using LowRank.FineTuning.Runs;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Transformers.Bert;
using LowRank.Transformers.T5;
using LowRank.Transformers.Tokenization;
using TorchSharp;

namespace LowRank.FineTuning.Pretraining;

/// <summary>Teaches a BERT or a T5 a language from plain text, and leaves a model folder to fine-tune from.</summary>
public sealed class Pretrainer : IDisposable
{
    private const string OutputLayer = "lm_head"; // a T5's; as in fine-tuning, only its full training changes it

    private readonly PretrainOptions _options;
    private readonly LanguageModel _model;
    private readonly AdapterSet _weights;

    /// <summary>Loads a model to go on from and packs the text.</summary>
    /// <param name="options">The run's options, with a model folder.</param>
    /// <exception cref="ArgumentException">The options, the text and the model do not belong together.</exception>
    /// <exception cref="FileNotFoundException">A folder lacks a file, or there is no such text.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public Pretrainer(PretrainOptions options)
        : this(options, null, null)
    {
    }

    /// <summary>Draws a new BERT and packs the text.</summary>
    /// <param name="options">The run's options, without a model folder.</param>
    /// <param name="shape">The shape of the model; its vocabulary's size is the tokenizer's.</param>
    /// <exception cref="ArgumentException">The options, the text and the shape do not belong together.</exception>
    /// <exception cref="FileNotFoundException">The tokenizer's folder lacks a file, or there is no such text.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public Pretrainer(PretrainOptions options, BertConfig shape)
        : this(options, Check.NotNull(shape), null)
    {
    }

    /// <summary>Draws a new T5 and packs the text.</summary>
    /// <param name="options">The run's options, without a model folder.</param>
    /// <param name="shape">The shape of the model; its vocabulary's size and special tokens are the tokenizer's.</param>
    /// <exception cref="ArgumentException">The options, the text and the shape do not belong together.</exception>
    /// <exception cref="FileNotFoundException">The tokenizer's folder lacks a file, or there is no such text.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public Pretrainer(PretrainOptions options, T5Config shape)
        : this(options, null, Check.NotNull(shape))
    {
    }

    private Pretrainer(PretrainOptions options, BertConfig? bert, T5Config? t5)
    {
        _options = Check.NotNull(options);
        Check.That(
            (bert is null && t5 is null) != (options.ModelFolder is null),
            nameof(options),
            "options: wanted the shape of a new model, or a model folder to go on from, and not both.");
        Check.That(
            options.Adapter is FullOptions || options.ModelFolder is not null,
            nameof(options),
            $"options: got the adapter {options.Adapter.Method} for a new model; wanted a model folder to go on from, since an "
                + "adapter learns upon what a model knows.");
        var device = ComputeDevice.Open(options.Device);
        var encoder = TextEncoders.Load(options.TokenizerSource);
        var seed = Seed.From(options.Training.Seed).For("model");
        var isT5 = t5 is not null || (bert is null && T5Config.Describes(options.ModelFolder!));
        _model = isT5
            ? new SpanLanguageModel(options, t5, encoder, seed, device)
            : new MaskedLanguageModel(options, bert, encoder, seed, device);
        try
        {
            _weights = AdapterSet.Attach(
                Model,
                options.Adapter,
                TargetSelector.AllLinear() with { Exclude = [OutputLayer] },
                seed.For("adapter"),
                options.Adapter is FullOptions ? null : _model.NewLayers,
                Trainer.FirstLosses(Task, options.TrainingFor(Task.Rows), options.Adapter, seed));
        }
        catch
        {
            _model.Dispose();
            throw;
        }
    }

    /// <summary>The model that is trained.</summary>
    public torch.nn.Module Model => _model.Module;

    /// <summary>The text and what is learned from it.</summary>
    public LanguageTask Task => _model.Task;

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
            _model.WriteConfig(folder.Path);
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
        WriteWeights(folder.Path);
        RunFolder.Write(folder.ResultFile, result);
        AtomicFile.WriteText(folder.ReadmeFile, PretrainReadme.Of(_options, _model, result));
        return result;
    }

    /// <summary>Frees the model.</summary>
    public void Dispose()
    {
        _weights.Dispose();
        _model.Dispose();
    }

    // An adapter's updates go into the file alone.
    private void WriteWeights(string folder)
    {
        _weights.Merge();
        try
        {
            _model.WriteWeights(folder, _options.Dtype);
        }
        finally
        {
            _weights.Unmerge();
        }
    }
}
