using LowRank.Transformers.Blocks;
using LowRank.Transformers.DistilBert;

namespace LowRank.Transformers.Encoders;

/// <summary>The keys of the encoder families' configuration files.</summary>
internal static class EncoderConfigReader
{
    /// <summary>The keys that BERT and RoBERTa share, over the family's own defaults.</summary>
    public static T Bert<T>(ConfigFile file, T defaults)
        where T : EncoderConfig
    {
        // The first BERT files of 2018 name no type; every RoBERTa file does.
        CheckType(file, defaults.ModelType, orMissing: defaults.ModelType == "bert");
        file.Only("position_embedding_type", "absolute");
        file.Only("is_decoder", "false");
        file.Only("add_cross_attention", "false");
        var dropout = file.Rate("hidden_dropout_prob", defaults.HiddenDropout);
        return Checked(file, "hidden_size", "num_attention_heads", "max_position_embeddings", defaults with
        {
            VocabularySize = file.Whole("vocab_size", 1),
            HiddenSize = file.Whole("hidden_size", 1),
            LayerCount = file.Whole("num_hidden_layers", 1),
            HeadCount = file.Whole("num_attention_heads", 1),
            IntermediateSize = file.Whole("intermediate_size", 1),
            Activation = Curve(file, "hidden_act"),
            HiddenDropout = dropout,
            AttentionDropout = file.Rate("attention_probs_dropout_prob", defaults.AttentionDropout),
            HeadDropout = file.Rate("classifier_dropout", dropout),
            PositionCount = file.Whole("max_position_embeddings", 1),
            TypeCount = file.Whole("type_vocab_size", 1),
            LayerNormEpsilon = file.Number("layer_norm_eps", 0, 1, defaults.LayerNormEpsilon),
            InitializerRange = file.Number("initializer_range", 0, 10, defaults.InitializerRange),
            PadTokenId = file.Whole("pad_token_id", 0, defaults.PadTokenId),
            Labels = file.Labels(),
        });
    }

    public static DistilBertConfig DistilBert(ConfigFile file)
    {
        var defaults = new DistilBertConfig();
        CheckType(file, defaults.ModelType, orMissing: false);
        return Checked(file, "dim", "n_heads", "max_position_embeddings", defaults with
        {
            VocabularySize = file.Whole("vocab_size", 1),
            HiddenSize = file.Whole("dim", 1),
            LayerCount = file.Whole("n_layers", 1),
            HeadCount = file.Whole("n_heads", 1),
            IntermediateSize = file.Whole("hidden_dim", 1),
            Activation = Curve(file, "activation"),
            HiddenDropout = file.Rate("dropout", defaults.HiddenDropout),
            AttentionDropout = file.Rate("attention_dropout", defaults.AttentionDropout),
            HeadDropout = file.Rate("seq_classif_dropout", defaults.HeadDropout),
            PositionCount = file.Whole("max_position_embeddings", 1),
            InitializerRange = file.Number("initializer_range", 0, 10, defaults.InitializerRange),
            PadTokenId = file.Whole("pad_token_id", 0, defaults.PadTokenId),
            Labels = file.Labels(),
        });
    }

    private static void CheckType(ConfigFile file, string wanted, bool orMissing)
    {
        if ((!orMissing || file.Has("model_type")) && file.Text("model_type") != wanted)
        {
            throw file.Wrong("model_type", $"\"{wanted}\": this folder holds another kind of model");
        }
    }

    private static Activation Curve(ConfigFile file, string key) =>
        Activations.TryParse(file.Text(key), out var activation)
            ? activation
            : throw file.Wrong(key, $"one of {Activations.Known}");

    private static T Checked<T>(ConfigFile file, string hiddenKey, string headsKey, string positionsKey, T config)
        where T : EncoderConfig
    {
        if (config.HiddenSize % config.HeadCount != 0)
        {
            throw file.Wrong(hiddenKey, $"a multiple of '{headsKey}', {config.HeadCount}");
        }

        return config.LongestRow > 0
            ? config
            : throw file.Wrong(positionsKey, $"more than {config.FirstPosition}, the first position in use");
    }
}
