using LowRank.Adapters;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.Weights;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Runs;

/// <summary>Fine-tunes an encoder model on labelled texts and leaves a run folder.</summary>
public sealed class TextFineTuner : IDisposable
{
    internal const string TaskType = "SEQ_CLS";

    private readonly FineTuneOptions _options;
    private readonly BaseClassifier _base;
    private readonly bool _ownsBase;
    private readonly ExampleSet _training;
    private readonly ExampleSet _validation;
    private readonly TextTask _task;

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
        : this(
            options, BaseClassifier.Load(Check.NotNull(options).ModelFolder, training), training, validation, owns: true)
    {
    }

    /// <summary>Encodes the rows and attaches the adapters to a model that is there already.</summary>
    /// <remarks>The run is the very one that loading the model anew would give; its head is drawn by its seed.</remarks>
    /// <param name="options">The run's options.</param>
    /// <param name="pretrained">The model, borrowed; one run at a time.</param>
    /// <param name="training">What is learned from.</param>
    /// <param name="validation">What decides which weights are best.</param>
    /// <exception cref="ArgumentException">The options, the rows and the model do not belong together.</exception>
    /// <exception cref="InvalidDataException">Nothing can be learned from the rows.</exception>
    public TextFineTuner(
        FineTuneOptions options, BaseClassifier pretrained, ExampleSet training, ExampleSet validation)
        : this(Check.NotNull(options), Check.NotNull(pretrained), training, validation, owns: false)
    {
    }

    private TextFineTuner(
        FineTuneOptions options, BaseClassifier pretrained, ExampleSet training, ExampleSet validation, bool owns)
    {
        (_options, _base, _ownsBase) = (options, pretrained, owns);
        pretrained.Model.GradientCheckpointing = options.GradientCheckpointing;
        try
        {
            _training = Check.NotNull(training);
            _validation = Check.NotNull(validation);
            var seed = Seed.From(options.Training.Seed);
            pretrained.DrawHead(seed);
            if (options.TrainHead && options.From is null)
            {
                pretrained.CentreHead(_training);
            }

            _task = TaskFor(validation);
            Adapters = options.From is { } from
                ? StartingAdapter.Attach(from, options.TrainHead, Model, Weights, Labels)
                : Begin(seed);
            _options = StartingAdapter.Resolve(options, Adapters);
        }
        catch
        {
            _task?.Dispose();
            ReleaseBase();
            throw;
        }
    }

    /// <summary>The model, its adapters attached.</summary>
    public SequenceClassifier Model => _base.Model;

    /// <summary>The adapters and heads that are trained.</summary>
    public AdapterSet Adapters { get; }

    /// <summary>What became of each tensor of the model's checkpoint, and which are new.</summary>
    public LoadReport Weights => _base.Weights;

    /// <summary>What is learned from, with its lengths in tokens.</summary>
    public DataReport TrainingData => Measured(_training);

    /// <summary>What decides which weights are best, with its lengths in tokens.</summary>
    public DataReport ValidationData => Measured(_validation);

    /// <summary>Trains and writes the run folder.</summary>
    /// <param name="folder">The folder: a new one, or the run's own when resuming.</param>
    /// <param name="resume">
    /// Whether to go on from the folder's checkpoint; a run that was ended before its first one begins again.
    /// </param>
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
            RunFolder.Write(folder.LabelsFile, Labels);
            RunFolder.Write(folder.DataFile, new { Training = TrainingData, Validation = ValidationData });
            AdapterSpectrum.WriteStart(folder.StartFile, Adapters);
        }

        using var events = new TensorBoardLog(folder.EventsFolder);
        using var trainer = new Trainer(
            _task,
            Adapters,
            _options.Training,
            [new MetricsFile(folder.MetricsFile), events, .. observers ?? []],
            folder.CheckpointFolder);
        var result = trainer.Run(resume && folder.HasCheckpoint, cancellation);
        Save(folder);
        RunFolder.Write(folder.ResultFile, result);
        AtomicFile.WriteText(
            folder.ReadmeFile, RunReadme.Of(folder, _options, Labels, Adapters.CountParameters(), result));
        return result;
    }

    /// <summary>Trains without leaving files: for a run among many, whose numbers are all that is wanted.</summary>
    /// <param name="observers">Who watches.</param>
    /// <param name="cancellation">Stops after the current step.</param>
    /// <returns>How it ended; the adapters then hold the kept weights.</returns>
    public TrainingResult Train(
        IReadOnlyList<TrainingObserver>? observers = null, CancellationToken cancellation = default)
    {
        using var trainer = new Trainer(_task, Adapters, _options.Training, observers);
        return trainer.Run(cancellation: cancellation);
    }

    /// <summary>Scores the weights of now on other rows.</summary>
    /// <param name="examples">Rows with the labels of those that are learned from.</param>
    /// <returns>The loss and the scores by name.</returns>
    /// <exception cref="ArgumentException">The rows have other labels.</exception>
    public IReadOnlyList<KeyValuePair<string, double>> Evaluate(ExampleSet examples)
    {
        using var task = TaskFor(Check.NotNull(examples));
        return task.Evaluate();
    }

    /// <summary>Frees the adapters and the model; a borrowed model is left as it was.</summary>
    public void Dispose()
    {
        Adapters.Dispose();
        _task.Dispose();
        ReleaseBase();
    }

    private int Longest => Math.Min(_options.MaxLength, Model.Config.LongestRow);

    private IReadOnlyList<string> Labels => _training.Labels?.Names ?? [];

    private void ReleaseBase()
    {
        if (_ownsBase)
        {
            _base.Dispose();
        }
    }

    private DataReport Measured(ExampleSet rows) => rows.Measure(_base.Encoder, Longest).Report;

    private TextTask TaskFor(ExampleSet judged) => new(Model, _base.Encoder, _training, judged, new TextTaskOptions
    {
        MaxLength = Longest,
        Metric = _options.ChosenMetric(),
        ClassWeights = _options.LossWeights(_training),
    });

    private AdapterSet Begin(Seed seed)
    {
        var options = _options;
        var batches = (options.Adapter as DeepLoraOptions)?.CompressionBatches ?? 1;
        var first = Trainer.FirstRows(_task, options.Training, batches);
        return AdapterSet.Attach(
            Model,
            options.Adapter,
            options.Selector(),
            seed.For("adapter"),
            options.TrainHead ? Heads() : [],
            [.. first.Select(rows => (Func<Tensor>)(() => _task.Loss(rows, seed).Loss))]);
    }

    // Every weight trained is a model; anything less is an adapter's folder.
    private void Save(RunFolder folder)
    {
        if (Adapters.Options is FullOptions)
        {
            ModelWriter.Write(
                folder.ModelFolder, Model, _options.ModelFolder, new ModelWriterOptions { Replace = true });
            return;
        }

        PeftFolder.Write(folder.AdapterFolder, Adapters, new PeftOptions
        {
            BaseModel = _options.ModelName ?? _options.ModelFolder,
            Revision = _options.Revision,
            TaskType = TaskType,
            Heads = Heads(),
        });
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
