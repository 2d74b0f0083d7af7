using LowRank.Adapters;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Training;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.T5;
using LowRank.Transformers.Tokenization;
using LowRank.Transformers.Weights;
using TorchSharp;

namespace LowRank.FineTuning.Runs;

/// <summary>A base model that writes texts: T5, Flan-T5, mT5.</summary>
public sealed class BaseGenerator : BaseModel
{
    private const string OutputLayer = "lm_head";

    private BaseGenerator(string folder, TextEncoder encoder, T5ForConditionalGeneration model, LoadReport weights)
        : base(folder, encoder, weights) => Model = model;

    /// <inheritdoc/>
    public override T5ForConditionalGeneration Model { get; }

    internal override string TaskType => "SEQ_2_SEQ_LM";

    internal override IReadOnlyList<string> NewLayers => [];

    /// <summary>Loads a model that writes texts.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="device">Where it computes; the CPU when null.</param>
    internal static BaseGenerator Load(string folder, torch.Device? device)
    {
        var (model, weights) = Pretrained.SequenceToSequence(folder, device);
        try
        {
            var encoder = TextEncoders.Load(folder, model.Config.VocabularySize);
            RequireEnd(folder, encoder, model.Config.EndTokenId);
            return new(folder, encoder, model, weights);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    internal override FineTuneOptions Complete(FineTuneOptions options)
    {
        Refuse(options.GradientCheckpointing, nameof(options.GradientCheckpointing));
        Refuse(options.BalanceClasses, nameof(options.BalanceClasses));
        Refuse(options.ClassWeights.Count > 0, nameof(options.ClassWeights));
        if (options.Adapter is HeadOnlyOptions && Model.Config.IsHeadTied)
        {
            throw new ArgumentException(
                $"head-only: {Folder} has no output layer of its own, it is the embedding table; wanted another method, or full.");
        }

        return options with { Generator = options.Generator ?? new() };
    }

    internal override void Prepare(FineTuneOptions options, ExampleSet training)
    {
    }

    internal override LearningTask TaskFor(FineTuneOptions options, ExampleSet training, ExampleSet judged) =>
        new GeneratorTask(Model, Encoder, training, judged, new()
        {
            MaxLength = options.MaxLength,
            Generator = options.Generator ?? new(),
            Metric = options.ChosenMetric(),
        });

    // As in PEFT, all-linear means the layers below the output layer.
    internal override TargetSelector TargetsFor(FineTuneOptions options)
    {
        var selector = options.Selector();
        return selector is { Everything: true, Embeddings: false }
            ? selector with { Exclude = [.. selector.Exclude, OutputLayer] }
            : selector;
    }

    // The output layer is trained already: only who asks for it alone gets it.
    internal override IReadOnlyList<string> HeadsFor(FineTuneOptions options) =>
        options.Adapter is HeadOnlyOptions ? [OutputLayer] : [];

    internal override int LongestFor(FineTuneOptions options) => options.MaxLength;

    // Without it a text never ends, and an empty one would be no tokens at all.
    private static void RequireEnd(string folder, TextEncoder encoder, int end)
    {
        if (encoder.Encode("").Ids is not [.., var last] || last != end)
        {
            throw new InvalidDataException(
                $"{folder}: the tokenizer does not put the model's end token, id {end}, behind a text; wanted T5's own tokenizer.");
        }
    }

    private void Refuse(bool given, string name)
    {
        if (given)
        {
            throw new ArgumentException($"{name}: {Folder} holds a T5, which has no such option; leave it out.");
        }
    }
}
