using LowRank.Transformers.Blocks;

namespace LowRank.Transformers.T5;

/// <summary>T5's <c>config.json</c>: the shape and rate of an encoder-decoder.</summary>
/// <remarks>Defaults are T5 1.0 small's.</remarks>
public sealed record T5Config
{
    /// <summary>Gets the family's name in configuration files: <c>t5</c>, or <c>mt5</c> for the same in many languages.
    /// </summary>
    /// <value>Default <c>t5</c>.</value>
    public string ModelType { get; init; } = "t5";

    /// <summary>Gets the number of rows of the embedding table and of logits.</summary>
    /// <value>Default 32128.</value>
    public int VocabularySize { get; init; } = 32128;

    /// <summary>Gets the width of the hidden states.</summary>
    /// <value>Default 512.</value>
    public int HiddenSize { get; init; } = 512;

    /// <summary>Gets the number of attention heads.</summary>
    /// <value>Default 8.</value>
    public int HeadCount { get; init; } = 8;

    /// <summary>Gets the width of one head; heads times it need not be the hidden size.</summary>
    /// <value>Default 64.</value>
    public int HeadWidth { get; init; } = 64;

    /// <summary>Gets the width between the products of a feed-forward block.</summary>
    /// <value>Default 2048.</value>
    public int IntermediateSize { get; init; } = 2048;

    /// <summary>Gets the number of encoder layers.</summary>
    /// <value>Default 6.</value>
    public int EncoderLayerCount { get; init; } = 6;

    /// <summary>Gets the number of decoder layers.</summary>
    /// <value>Default 6.</value>
    public int DecoderLayerCount { get; init; } = 6;

    /// <summary>Gets the number of buckets of relative positions; even.</summary>
    /// <value>Default 32.</value>
    public int BucketCount { get; init; } = 32;

    /// <summary>Gets the distance from which on all positions share a bucket.</summary>
    /// <value>Default 128.</value>
    public int FarthestDistance { get; init; } = 128;

    /// <summary>Gets the curve of the feed-forward blocks.</summary>
    /// <value>Default <see cref="Activation.Relu"/>.</value>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>Gets whether a second product gates the curve, as in T5 1.1 and Flan-T5.</summary>
    /// <value>Default false.</value>
    public bool IsGated { get; init; }

    /// <summary>Gets whether the embedding table, scaled, is also the output layer.</summary>
    /// <value>Default true.</value>
    public bool IsHeadTied { get; init; } = true;

    /// <summary>Gets the dropout rate, everywhere; [0, 1).</summary>
    /// <value>Default 0.1.</value>
    public double DropoutRate { get; init; } = 0.1;

    /// <summary>Gets the number added to the mean square in norms.</summary>
    /// <value>Default 1e-6.</value>
    public double LayerNormEpsilon { get; init; } = 1e-6;

    /// <summary>Gets what the spread of newly drawn weights is multiplied by.</summary>
    /// <value>Default 1.</value>
    public double InitializerFactor { get; init; } = 1;

    /// <summary>Gets the id of the padding token, which tokenizers need; no padding enters the model.</summary>
    /// <value>Default 0.</value>
    public int PadTokenId { get; init; }

    /// <summary>Gets the id of the token that ends a text.</summary>
    /// <value>Default 1.</value>
    public int EndTokenId { get; init; } = 1;

    /// <summary>Gets the id that the decoder begins with.</summary>
    /// <value>Default 0, the padding token's.</value>
    public int StartTokenId { get; init; }

    /// <summary>Reads a configuration file.</summary>
    /// <param name="path">The <c>config.json</c>, or the folder that holds it.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="FileNotFoundException">No such file.</exception>
    /// <exception cref="InvalidDataException">Not T5's, or a value is missing or cannot be used.</exception>
    public static T5Config Read(string path) => Read(ConfigFile.Read(path));

    /// <summary>Whether a configuration file is one of this family.</summary>
    /// <param name="path">The <c>config.json</c>, or the folder that holds it.</param>
    /// <returns>True for <c>t5</c> and <c>mt5</c>.</returns>
    /// <exception cref="FileNotFoundException">No such file.</exception>
    /// <exception cref="InvalidDataException">The file is malformed.</exception>
    public static bool Describes(string path) => IsT5(ConfigFile.Read(path).Text("model_type", ""));

    internal static T5Config Read(ConfigFile file)
    {
        var type = file.Text("model_type");
        if (!IsT5(type))
        {
            throw file.Wrong("model_type", "\"t5\" or \"mt5\": this folder holds another kind of model");
        }

        var defaults = new T5Config();
        var layers = file.Whole("num_layers", 1);
        var (activation, isGated) = Projection(file, type);
        var pad = file.Whole("pad_token_id", 0, defaults.PadTokenId);
        return Checked(file, defaults with
        {
            ModelType = type,
            VocabularySize = file.Whole("vocab_size", 1),
            HiddenSize = file.Whole("d_model", 1),
            HeadCount = file.Whole("num_heads", 1),
            HeadWidth = file.Whole("d_kv", 1),
            IntermediateSize = file.Whole("d_ff", 1),
            EncoderLayerCount = layers,
            DecoderLayerCount = file.Whole("num_decoder_layers", 1, layers),
            BucketCount = file.Whole("relative_attention_num_buckets", 4, defaults.BucketCount),
            FarthestDistance = file.Whole("relative_attention_max_distance", 2, defaults.FarthestDistance),
            Activation = activation,
            IsGated = isGated,
            IsHeadTied = file.Flag("tie_word_embeddings", type == "t5"),
            DropoutRate = file.Rate("dropout_rate", defaults.DropoutRate),
            LayerNormEpsilon = file.Number("layer_norm_epsilon", 0, 1, defaults.LayerNormEpsilon),
            InitializerFactor = file.Number("initializer_factor", 0, 100, defaults.InitializerFactor),
            PadTokenId = pad,
            EndTokenId = file.Whole("eos_token_id", 0, defaults.EndTokenId),
            StartTokenId = file.Whole("decoder_start_token_id", 0, pad),
        });
    }

    private static bool IsT5(string type) => type is "t5" or "mt5";

    // "relu", "gated-gelu": what the files of T5 1.1 call gelu is its tanh approximation.
    private static (Activation Activation, bool IsGated) Projection(ConfigFile file, string type)
    {
        const string Key = "feed_forward_proj";
        const string Gated = "gated-";
        var name = file.Text(Key, type == "t5" ? "relu" : "gated-gelu");
        var isGated = name.StartsWith(Gated, StringComparison.Ordinal);
        var curve = name == "gated-gelu" ? "gelu_new" : isGated ? name[Gated.Length..] : name;
        return Activations.TryParse(curve, out var activation)
            ? (activation, isGated)
            : throw file.Wrong(Key, $"one of {Activations.Known}, or one of them after \"{Gated}\"");
    }

    private static T5Config Checked(ConfigFile file, T5Config config)
    {
        if (config.BucketCount % 2 != 0)
        {
            throw file.Wrong("relative_attention_num_buckets", "an even number");
        }

        if (config.FarthestDistance <= config.BucketCount / 2)
        {
            throw file.Wrong(
                "relative_attention_max_distance", $"more than half the buckets, {config.BucketCount / 2}");
        }

        foreach (var (key, id) in new[]
        {
            ("pad_token_id", config.PadTokenId),
            ("eos_token_id", config.EndTokenId),
            ("decoder_start_token_id", config.StartTokenId),
        })
        {
            if (id >= config.VocabularySize)
            {
                throw file.Wrong(key, $"an id below 'vocab_size', {config.VocabularySize}");
            }
        }

        return config;
    }
}
