using LowRank.Adapters;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.Tokenization;
using LowRank.Transformers.Weights;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Runs;

/// <summary>Fine-tunes an encoder model on labelled texts and leaves a run folder.</summary>
public sealed class TextFineTuner : IDisposable
{
    private readonly FineTuneOptions _options;
    private readonly IReadOnlyList<string> _labels;
    private readonly TextTask _task;
    private readonly DataReport[] _data;

    /// <summary>Loads the model, encodes the rows and attaches the adapters.</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="training">What is learned from.</param>
    /// <param name="validation">What decides which weights are best.</param>
    /// <exception cref="ArgumentException">The options, the rows and the model do not belong together.</exception>
    /// <exception cref="FileNotFoundException">The model folder lacks a file.</exception>
    /// <exception cref="InvalidDataException">
    /// A model file is damaged, or nothing can be learned from the rows.
    /// </exception>
    public TextFineTuner(FineTuneOptions options, ExampleSet training, ExampleSet validation)
    {
        options = Check.NotNull(options) with { Training = options.Training.For(options.Adapter) };
        _options = options;
        Check.NotNull(training);
        Check.NotNull(validation);
        var seed = Seed.From(options.Training.Seed);
        _labels = training.Labels?.Names ?? [];
        _data = [training.Report, validation.Report];
        var encoder = TextEncoders.Load(options.ModelFolder);
        (Model, Weights) = Pretrained.SequenceClassifier(
            options.ModelFolder, seed.For("head"), _labels.Count == 0 ? ["score"] : _labels);
        Model.GradientCheckpointing = options.GradientCheckpointing;
        try
        {
            _task = new TextTask(Model, encoder, training, validation, new TextTaskOptions
            {
                MaxLength = Math.Min(options.MaxLength, Model.Config.LongestRow),
                Metric = options.ChosenMetric(),
                ClassWeights = options.BalanceClasses ? training.ClassWeights() : null,
            });
            var batches = (options.Adapter as DeepLoraOptions)?.CompressionBatches ?? 1;
            var first = Trainer.FirstRows(_task, options.Training, batches);
            Adapters = AdapterSet.Attach(
                Model,
                options.Adapter,
                options.Selector(),
                seed.For("adapter"),
                options.TrainHead ? Heads() : [],
                [.. first.Select(rows => (Func<Tensor>)(() => _task.Loss(rows, seed).Loss))]);
        }
        catch
        {
            _task?.Dispose();
            Model.Dispose();
            throw;
        }
    }

    /// <summary>The model, its adapters attached.</summary>
    public SequenceClassifier Model { get; }

    /// <summary>The adapters and heads that are trained.</summary>
    public AdapterSet Adapters { get; }

    /// <summary>What became of each tensor of the model's checkpoint, and which are new.</summary>
    public LoadReport Weights { get; }

    /// <summary>Training texts that were cut to the longest length.</summary>
    public int TruncatedRows => _task.TruncatedRows;

    /// <summary>Trains and writes the run folder.</summary>
    /// <param name="folder">The folder: a new one, or the run's own when resuming.</param>
    /// <param name="resume">Whether to go on from the folder's checkpoint.</param>
    /// <param name="observers">Who else watches.</param>
    /// <param name="cancellation">Stops after the current step, with a checkpoint.</param>
    /// <returns>How it ended; the adapters then hold the kept weights.</returns>
    /// <exception cref="InvalidDataException">Resuming, and the checkpoint is damaged or of another run.</exception>
    /// <exception cref="IOException">The folder cannot be written; the last checkpoint is intact.</exception>
    public TrainingResult Run(
        RunFolder folder,
        bool resume = false,
        IReadOnlyList<TrainingObserver>? observers = null,
        CancellationToken cancellation = default)
    {
        Check.NotNull(folder);
        if (!resume)
        {
            RunFolder.Write(folder.ConfigFile, _options);
            RunFolder.Write(folder.LabelsFile, _labels);
            RunFolder.Write(folder.DataFile, new { Training = _data[0], Validation = _data[1] });
            AdapterSpectrum.WriteStart(folder.StartFile, Adapters);
        }

        using var events = new TensorBoardLog(folder.EventsFolder);
        using var trainer = new Trainer(
            _task,
            Adapters,
            _options.Training,
            [new MetricsFile(folder.MetricsFile), events, .. observers ?? []],
            folder.CheckpointFolder);
        var result = trainer.Run(resume, cancellation);
        PeftFolder.Write(folder.AdapterFolder, Adapters, new PeftOptions
        {
            BaseModel = _options.ModelName ?? _options.ModelFolder,
            Revision = _options.Revision,
            TaskType = "SEQ_CLS",
            Heads = Model.HeadLayers,
        });
        RunFolder.Write(folder.ResultFile, result);
        AtomicFile.WriteText(
            folder.ReadmeFile, RunReadme.Of(folder, _options, _labels, Adapters.CountParameters(), result));
        return result;
    }

    /// <summary>Frees the adapters and the model.</summary>
    public void Dispose()
    {
        Adapters.Dispose();
        _task.Dispose();
        Model.Dispose();
    }

    // The head's own layers, and whatever else the checkpoint did not have (a pooler).
    private IReadOnlyList<string> Heads() =>
    [
        .. Model.HeadLayers,
        .. Weights.NewlyInitialised
            .Select(name => name[..name.LastIndexOf('.')])
            .Distinct()
            .Except(Model.HeadLayers),
    ];
}
