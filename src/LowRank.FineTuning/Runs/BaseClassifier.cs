using LowRank.Adapters;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.Tokenization;
using LowRank.Transformers.Weights;
using TorchSharp;

namespace LowRank.FineTuning.Runs;

/// <summary>A base model with a head for labels or numbers.</summary>
public sealed class BaseClassifier : BaseModel
{
    private BaseClassifier(string folder, TextEncoder encoder, SequenceClassifier model, LoadReport weights)
        : base(folder, encoder, weights) => Model = model;

    /// <inheritdoc/>
    public override SequenceClassifier Model { get; }

    internal override string TaskType => "SEQ_CLS";

    // The head's own layers, and whatever else the checkpoint did not have (a pooler).
    internal override IReadOnlyList<string> NewLayers =>
    [
        .. Model.HeadLayers,
        .. Weights.NewlyInitialised
            .Select(name => name[..name.LastIndexOf('.')])
            .Distinct()
            .Except(Model.HeadLayers),
    ];

    /// <summary>Loads a classifier.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="labels">The names of its outputs; null for the checkpoint's own.</param>
    /// <param name="device">Where it computes; the CPU when null.</param>
    internal static new BaseClassifier Load(string folder, IReadOnlyList<string>? labels, torch.Device? device)
    {
        var (model, weights) = Pretrained.SequenceClassifier(folder, default, labels, device);
        try
        {
            return new(folder, TextEncoders.Load(folder, model.Config.VocabularySize), model, weights);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    internal override FineTuneOptions Complete(FineTuneOptions options) => options.Generator is null
        ? options
        : throw new ArgumentException(
            $"{nameof(options.Generator)}: got options of a model that writes texts; {Folder} holds one that labels them. "
                + "Leave them out.");

    internal override void Prepare(FineTuneOptions options, ExampleSet training)
    {
        Model.GradientCheckpointing = options.GradientCheckpointing;
        Model.Initialize(Seed.From(options.HeadSeed ?? options.Training.Seed).For("head"), Weights.NewlyInitialised);
        if (options.TrainHead && training.Kind == LabelKind.Numbers)
        {
            CentreHead(training);
        }
    }

    internal override LearningTask TaskFor(FineTuneOptions options, ExampleSet training, ExampleSet judged) =>
        new TextTask(Model, Encoder, training, judged, new()
        {
            MaxLength = LongestFor(options),
            Metric = options.ChosenMetric(),
            ClassWeights = options.LossWeights(training),
        });

    internal override TargetSelector TargetsFor(FineTuneOptions options) => options.Selector();

    internal override IReadOnlyList<string> HeadsFor(FineTuneOptions options) => options.TrainHead ? NewLayers : [];

    internal override int LongestFor(FineTuneOptions options) => Math.Min(options.MaxLength, Model.Config.LongestRow);

    // A new head of one number starts from the mean of what it is to predict: else hundreds of small steps go into a shift
    // that tells nothing about the texts.
    private void CentreHead(ExampleSet training)
    {
        var bias = $"{Model.HeadLayers[^1]}.bias";
        if (Weights.NewlyInitialised.Contains(bias))
        {
            using var frozen = torch.no_grad();
            _ = Model.get_parameter(bias)!.fill_(training.Examples.Average(example => example.Target!.Value));
        }
    }
}
