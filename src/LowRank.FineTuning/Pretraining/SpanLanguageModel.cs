using LowRank.Tensors;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.T5;
using LowRank.Transformers.Tokenization;
using TorchSharp;

namespace LowRank.FineTuning.Pretraining;

/// <summary>A T5 that learns to write what was left out.</summary>
internal sealed class SpanLanguageModel : LanguageModel
{
    private readonly T5ForConditionalGeneration _model;
    private readonly SpanCorruptionOptions _options;

    /// <summary>Loads or draws the model and packs the text.</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="shape">The shape of a new model; null goes on from the options' folder.</param>
    /// <param name="encoder">The text encoder.</param>
    /// <param name="seed">The start of what is drawn.</param>
    /// <param name="device">Where it is trained.</param>
    public SpanLanguageModel(PretrainOptions options, T5Config? shape, TextEncoder encoder, Seed seed, torch.Device device)
    {
        _options = options.Spans;
        var (training, validation) = options.ReadText();
        _model = shape is null ? Pretrained.SequenceToSequence(options.ModelFolder!, device).Model : New(shape, encoder, seed).to(device);
        try
        {
            Task = new SpanCorruptionTask(_model, encoder, training, validation, _options);
        }
        catch
        {
            _model.Dispose();
            throw;
        }
    }

    public override torch.nn.Module Module => _model;

    public override LanguageTask Task { get; }

    public override IReadOnlyList<string> NewLayers => [];

    public override ModelCard Card => new(
        "T5",
        $"""
        An encoder of {_model.Config.EncoderLayerCount} layers and a decoder of {_model.Config.DecoderLayerCount},
        of width {_model.Config.HiddenSize}, {_model.Config.HeadCount} heads, {_model.Config.VocabularySize} pieces.
        """,
        FormattableString.Invariant($"""
        to write what was left out (span corruption, a share of
        {_options.NoiseDensity} in stretches of {_options.MeanSpanLength} tokens in the mean)
        """),
        $"windows of {_options.WindowLength} tokens",
        "at the words left out",
        "tokenizer.json, spiece.model, tokenizer_config.json | its tokenizer (`T5Tokenizer`)");

    public override void WriteConfig(string folder) => T5Folder.WriteConfig(folder, _model);

    public override void WriteWeights(string folder, TensorDtype dtype) => T5Folder.WriteWeights(folder, _model, dtype);

    private static T5ForConditionalGeneration New(T5Config shape, TextEncoder encoder, Seed seed)
    {
        var model = new T5ForConditionalGeneration(shape with
        {
            VocabularySize = encoder.VocabularySize,
            PadTokenId = encoder.SpecialTokens.Padding ?? shape.PadTokenId,
            EndTokenId = encoder.SpecialTokens.End ?? shape.EndTokenId,
            StartTokenId = encoder.SpecialTokens.Padding ?? shape.StartTokenId,
        });
        model.InitializeNearby(seed);
        return model;
    }
}
