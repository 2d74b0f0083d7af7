using System.CommandLine;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Pretraining;
using LowRank.Transformers.Bert;
using LowRank.Transformers.T5;

namespace LowRank.Cli.Commands;

/// <summary>The options that say which model is pre-trained: one to go on from, or the shape of a new one.</summary>
internal sealed class ModelShape
{
    private const string Bert = "bert";
    private const string T5 = "t5";

    private readonly Option<string?> _model =
        CommonOptions.Word("--model", "A BERT or T5 to go on from: a folder, or an id of the Hugging Face Hub. [default: a new model]", "MODEL");
    private readonly Option<string?> _revision =
        CommonOptions.Word("--revision", "The model's branch, tag or commit on the Hub.", "REV");
    private readonly Option<string?> _config =
        CommonOptions.Word("--config", "A config.json for the shape of a new model; the sizes below override it.", "FILE");
    private readonly Option<string?> _kind =
        CommonOptions.Word("--kind", "New model: a BERT, to classify and compare, or a T5, to write texts. [default: bert]", $"{Bert}|{T5}");
    private readonly Option<int?> _hidden = CommonOptions.Whole("--hidden", "New model: width of the hidden states. [default: 128]");
    private readonly Option<int?> _layers = CommonOptions.Whole("--layers", "New model: number of layers; of a T5, of each half. [default: 4; t5: 3]");
    private readonly Option<int?> _heads = CommonOptions.Whole("--heads", "New model: attention heads per layer. [default: 4]");
    private readonly Option<int?> _intermediate = CommonOptions.Whole("--intermediate", "New model: width inside the feed-forward blocks. [default: 512]");
    private readonly Option<int?> _positions = CommonOptions.Whole("--positions", "New BERT: the most tokens of a text. [default: 128]");
    private readonly Option<double?> _dropout =
        CommonOptions.Number("--dropout", "New model: dropout rate. [default: 0: so small a model does not overfit text]", "RATE");

    private static BertConfig SmallBert => new()
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

    private static T5Config SmallT5 => new()
    {
        HiddenSize = 128,
        EncoderLayerCount = 3,
        DecoderLayerCount = 3,
        HeadCount = 4,
        HeadWidth = 32,
        IntermediateSize = 512,
        DropoutRate = 0,
        IsHeadTied = false, // so small an embedding table is no good at scoring as well
    };

    public void AddTo(Command command)
    {
        _kind.AcceptOnlyFromAmong(Bert, T5);
        foreach (var option in new Option[] { _model, _revision, _kind, _config, _hidden, _layers, _heads, _intermediate, _positions, _dropout })
        {
            command.Add(option);
        }
    }

    /// <summary>The model to go on from and its revision; null for a new one.</summary>
    public (string? Model, string? Revision) ReadModel(ParseResult parsed)
    {
        var model = parsed.GetValue(_model);
        var sizes = new Option[] { _kind, _config, _hidden, _layers, _heads, _intermediate, _positions, _dropout };
        if (model is not null && sizes.FirstOrDefault(option => parsed.GetResult(option) is not null) is { } size)
        {
            throw new UsageException($"--model and {size.Name} exclude each other: a model that is there already has its shape.");
        }

        return (model, parsed.GetValue(_revision));
    }

    /// <summary>Whether a T5 is wanted, and what makes a new model of the wanted shape.</summary>
    public (bool IsT5, Func<PretrainOptions, Pretrainer> Begin) Read(ParseResult parsed)
    {
        var (kind, file) = (parsed.GetValue(_kind), parsed.GetValue(_config));
        if (file is not null)
        {
            var found = T5Config.Describes(file) ? T5 : Bert;
            kind = kind is null || kind == found ? found : throw new UsageException($"--kind: got {kind}, but {file} is a {found}'s; leave --kind out.");
        }

        if (kind == T5)
        {
            var t5 = OfT5(parsed, file is null ? SmallT5 : T5Config.Read(file));
            return (true, options => new Pretrainer(options, t5));
        }

        var bert = OfBert(parsed, file is null ? SmallBert : BertConfig.Read(file));
        return (false, options => new Pretrainer(options, bert));
    }

    private BertConfig OfBert(ParseResult parsed, BertConfig config)
    {
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
        RequireWholeHeads(config.HiddenSize, config.HeadCount);
        return config;
    }

    private T5Config OfT5(ParseResult parsed, T5Config config)
    {
        if (parsed.GetValue(_positions) is not null)
        {
            throw new UsageException("--positions belongs to a BERT: a T5 reads texts of any length; leave it out.");
        }

        var layers = parsed.GetValue(_layers);
        config = config with
        {
            HiddenSize = parsed.GetValue(_hidden) ?? config.HiddenSize,
            EncoderLayerCount = layers ?? config.EncoderLayerCount,
            DecoderLayerCount = layers ?? config.DecoderLayerCount,
            HeadCount = parsed.GetValue(_heads) ?? config.HeadCount,
            IntermediateSize = parsed.GetValue(_intermediate) ?? config.IntermediateSize,
            DropoutRate = parsed.GetValue(_dropout) ?? config.DropoutRate,
        };
        if (parsed.GetValue(_hidden) is null && parsed.GetValue(_heads) is null)
        {
            return config;
        }

        RequireWholeHeads(config.HiddenSize, config.HeadCount);
        return config with { HeadWidth = config.HiddenSize / config.HeadCount };
    }

    private static void RequireWholeHeads(int hidden, int heads)
    {
        if (heads <= 0 || hidden <= 0 || hidden % heads != 0)
        {
            throw new UsageException($"--hidden: got {hidden}; wanted a multiple of --heads, {heads}.");
        }
    }
}
