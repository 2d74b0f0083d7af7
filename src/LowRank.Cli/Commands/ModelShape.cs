using System.CommandLine;
using LowRank.Cli.Terminal;
using LowRank.Transformers.Bert;

namespace LowRank.Cli.Commands;

/// <summary>The options that say which model is pre-trained: one to go on from, or the shape of a new one.</summary>
internal sealed class ModelShape
{
    private readonly Option<string?> _model =
        CommonOptions.Word("--model", "A BERT to go on from: a folder, or an id of the Hugging Face Hub. [default: a new model]", "MODEL");
    private readonly Option<string?> _revision =
        CommonOptions.Word("--revision", "The model's branch, tag or commit on the Hub.", "REV");
    private readonly Option<string?> _config =
        CommonOptions.Word("--config", "A BERT's config.json for the shape of a new model; the sizes below override it.", "FILE");
    private readonly Option<int?> _hidden = CommonOptions.Whole("--hidden", "New model: width of the hidden states. [default: 128]");
    private readonly Option<int?> _layers = CommonOptions.Whole("--layers", "New model: number of layers. [default: 4]");
    private readonly Option<int?> _heads = CommonOptions.Whole("--heads", "New model: attention heads per layer. [default: 4]");
    private readonly Option<int?> _intermediate = CommonOptions.Whole("--intermediate", "New model: width inside the feed-forward blocks. [default: 512]");
    private readonly Option<int?> _positions = CommonOptions.Whole("--positions", "New model: the most tokens of a text. [default: 128]");
    private readonly Option<double?> _dropout =
        CommonOptions.Number("--dropout", "New model: dropout rate. [default: 0: so small a model does not overfit text]", "RATE");

    private static BertConfig Small => new()
    {
        HiddenSize = 128,
        LayerCount = 4,
        HeadCount = 4,
        IntermediateSize = 512,
        PositionCount = 128,
        HiddenDropout = 0,
        AttentionDropout = 0,
        InitializerRange = 0.04, // BERT's 0.02 is meant for a width of 768
    };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _model, _revision, _config, _hidden, _layers, _heads, _intermediate, _positions, _dropout })
        {
            command.Add(option);
        }
    }

    /// <summary>The model to go on from and its revision; null for a new one.</summary>
    public (string? Model, string? Revision) ReadModel(ParseResult parsed)
    {
        var model = parsed.GetValue(_model);
        var sizes = new Option[] { _config, _hidden, _layers, _heads, _intermediate, _positions, _dropout };
        if (model is not null && sizes.FirstOrDefault(option => parsed.GetResult(option) is not null) is { } size)
        {
            throw new UsageException($"--model and {size.Name} exclude each other: a model that is there already has its shape.");
        }

        return (model, parsed.GetValue(_revision));
    }

    /// <summary>The shape of a new model.</summary>
    public BertConfig Read(ParseResult parsed)
    {
        var config = parsed.GetValue(_config) is { } file
            ? BertConfig.Read(file)
            : Small;
        config = config with
        {
            HiddenSize = parsed.GetValue(_hidden) ?? config.HiddenSize,
            LayerCount = parsed.GetValue(_layers) ?? config.LayerCount,
            HeadCount = parsed.GetValue(_heads) ?? config.HeadCount,
            IntermediateSize = parsed.GetValue(_intermediate) ?? config.IntermediateSize,
            PositionCount = parsed.GetValue(_positions) ?? config.PositionCount,
            HiddenDropout = parsed.GetValue(_dropout) ?? config.HiddenDropout,
            AttentionDropout = parsed.GetValue(_dropout) ?? config.AttentionDropout,
        };
        return config.HeadCount > 0 && config.HiddenSize > 0 && config.HiddenSize % config.HeadCount == 0
            ? config
            : throw new UsageException($"--hidden: got {config.HiddenSize}; wanted a multiple of --heads, {config.HeadCount}.");
    }
}
