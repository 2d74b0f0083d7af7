using LowRank.Adapters;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Transformers.Tokenization;
using LowRank.Transformers.Weights;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Runs;

/// <summary>
/// Fine-tunes a model on texts with labels, numbers or target texts, and leaves a run folder.
/// </summary>
public sealed class TextFineTuner : IDisposable
{
    private readonly FineTuneOptions _options;
    private readonly BaseModel _base;
    private readonly bool _ownsBase;
    private readonly ExampleSet _training;
    private readonly ExampleSet _validation;
    private readonly LearningTask _task;
    private DataReport? _trainingData;
    private DataReport? _validationData;

    /// <summary>Loads the model, encodes the rows and attaches the adapters.</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="training">What is learned from.</param>
    /// <param name="validation">What decides which weights are best.</param>
    /// <exception cref="ArgumentException">The options, the rows and the model do not belong together.</exception>
    /// <exception cref="FileNotFoundException">The model folder lacks a file.</exception>
    /// <exception cref="PlatformNotSupportedException">There is no such device here.</exception>
    /// <exception cref="InvalidDataException">
    /// A model file is damaged, or nothing can be learned from the rows.
    /// </exception>
    public TextFineTuner(FineTuneOptions options, ExampleSet training, ExampleSet validation)
        : this(
            options, BaseModel.Load(Check.NotNull(options).ModelFolder, training, ComputeDevice.Open(options.Device)), training, validation, owns: true)
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
        FineTuneOptions options, BaseModel pretrained, ExampleSet training, ExampleSet validation)
        : this(Check.NotNull(options), Check.NotNull(pretrained), training, validation, owns: false)
    {
    }

    private TextFineTuner(
        FineTuneOptions options, BaseModel pretrained, ExampleSet training, ExampleSet validation, bool owns)
    {
        (_options, _base, _ownsBase) = (options, pretrained, owns);
        try
        {
            _training = Check.NotNull(training);
            _validation = Check.NotNull(validation);
            options.Training.Validate();
            _options = pretrained.Complete(options);
            pretrained.Prepare(_options, training);
            _task = TaskFor(validation);
            Adapters = options.From is { } from
                ? StartingAdapter.Attach(from, options.TrainHead, pretrained, Labels)
                : Begin(Seed.From(options.Training.Seed));
            _options = StartingAdapter.Resolve(_options, Adapters);
        }
        catch
        {
            (_task as IDisposable)?.Dispose();
            ReleaseBase();
            throw;
        }
    }

    /// <summary>The model, its adapters attached.</summary>
    public nn.Module Model => _base.Model;

    /// <summary>The text encoder of the model.</summary>
    public TextEncoder Encoder => _base.Encoder;

    /// <summary>The run's options with everything that nobody chose filled in.</summary>
    public FineTuneOptions Options => _options;

    /// <summary>The most tokens of a text that is read: as chosen, or as many as the model can read.</summary>
    public int MaxLength => _base.LongestFor(_options);

    /// <summary>The adapters and heads that are trained.</summary>
    public AdapterSet Adapters { get; }

    /// <summary>What became of each tensor of the model's checkpoint, and which are new.</summary>
    public LoadReport Weights => _base.Weights;

    /// <summary>What is learned from, with its lengths in tokens.</summary>
    public DataReport TrainingData => _trainingData ??= Measured(_training);

    /// <summary>What decides which weights are best, with its lengths in tokens.</summary>
    public DataReport ValidationData => _validationData ??= Measured(_validation);

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
        var task = TaskFor(Check.NotNull(examples));
        using var owned = task as IDisposable;
        return task.Evaluate();
    }

    /// <summary>Frees the adapters and the model; a borrowed model is left as it was.</summary>
    public void Dispose()
    {
        Adapters.Dispose();
        (_task as IDisposable)?.Dispose();
        ReleaseBase();
    }

    private IReadOnlyList<string> Labels => _training.Labels?.Names ?? [];

    private void ReleaseBase()
    {
        if (_ownsBase)
        {
            _base.Dispose();
        }
    }

    private DataReport Measured(ExampleSet rows) =>
        rows.Measure(Encoder, MaxLength, _options.Generator?.MaxTargetLength ?? int.MaxValue).Report;

    private LearningTask TaskFor(ExampleSet judged) => _base.TaskFor(_options, _training, judged);

    private AdapterSet Begin(Seed seed)
    {
        var options = _options;
        return AdapterSet.Attach(
            Model,
            options.Adapter,
            _base.TargetsFor(options),
            seed.For("adapter"),
            _base.HeadsFor(options),
            Trainer.FirstLosses(_task, options.Training, options.Adapter, seed));
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
            TaskType = _base.TaskType,
            Heads = _base.NewLayers,
        });
    }
}
