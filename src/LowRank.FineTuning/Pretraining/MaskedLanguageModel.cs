using LowRank.Tensors;
using LowRank.Transformers.Bert;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.Tokenization;
using TorchSharp;

namespace LowRank.FineTuning.Pretraining;

/// <summary>A BERT that learns to guess hidden words.</summary>
internal sealed class MaskedLanguageModel : LanguageModel
{
    private readonly BertForMaskedLM _model;
    private readonly MaskedLanguageOptions _options;

    /// <summary>Loads or draws the model and packs the text.</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="shape">The shape of a new model; null goes on from the options' folder.</param>
    /// <param name="encoder">The text encoder.</param>
    /// <param name="seed">The start of what is drawn.</param>
    /// <param name="device">Where it is trained.</param>
    public MaskedLanguageModel(PretrainOptions options, BertConfig? shape, TextEncoder encoder, Seed seed, torch.Device device)
    {
        _options = options.Masking;
        var (training, validation) = options.ReadText();
        if (shape is null)
        {
            (_model, var report) = Pretrained.MaskedLM(options.ModelFolder!, seed, _options.Pairs, device);
            NewLayers = [.. report.NewlyInitialised.Select(name => name[..name.LastIndexOf('.')]).Distinct()];
        }
        else
        {
            _model = New(shape with { VocabularySize = encoder.VocabularySize }, _options.Pairs, seed);
            _ = _model.to(device);
        }

        try
        {
            Task = new MaskedLanguageTask(_model, encoder, training, validation, _options);
        }
        catch
        {
            _model.Dispose();
            throw;
        }
    }

    public override torch.nn.Module Module => _model;

    public override LanguageTask Task { get; }

    public override IReadOnlyList<string> NewLayers { get; } = [];

    public override ModelCard Card => new(
        "BERT",
        $"""
        {_model.Config.LayerCount} layers of width {_model.Config.HiddenSize}, {_model.Config.HeadCount} heads, {_model.Config.VocabularySize}
        pieces, texts of at most {_model.Config.PositionCount} tokens.
        """,
        FormattableString.Invariant($"""
        to guess hidden words (masked language
        modelling, whole words, a share of {_options.MaskShare}){(_options.Pairs ? "\nand to tell whether two lines belong together" : "")}
        """),
        $"""
        {(_options.Pairs ? "pairs" : "windows")} of
        {(_options.Pairs ? "at most " : "")}{_options.WindowLength} tokens
        """,
        "at hidden places",
        "vocab.txt, tokenizer_config.json | its tokenizer (`BertTokenizer`)");

    public override void WriteConfig(string folder) => BertFolder.WriteConfig(folder, _model);

    public override void WriteWeights(string folder, TensorDtype dtype) => BertFolder.WriteWeights(folder, _model, dtype);

    private static BertForMaskedLM New(BertConfig config, bool pairs, Seed seed)
    {
        var model = new BertForMaskedLM(config, pairs);
        model.InitializeNearby(seed);
        return model;
    }
}
