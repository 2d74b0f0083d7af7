using System.Text.Json.Nodes;
using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.Weights;

namespace LowRank.Transformers.T5;

/// <summary>Writes a T5 as a model folder in the Hugging Face layout.</summary>
public static class T5Folder
{
    /// <summary>Writes <c>config.json</c>.</summary>
    /// <param name="folder">The folder; made when missing.</param>
    /// <param name="model">The model; borrowed.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WriteConfig(string folder, T5ForConditionalGeneration model)
    {
        var config = Check.NotNull(model).Config;
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray("T5ForConditionalGeneration"),
            ["model_type"] = config.ModelType,
            ["is_encoder_decoder"] = true,
            ["vocab_size"] = config.VocabularySize,
            ["d_model"] = config.HiddenSize,
            ["d_kv"] = config.HeadWidth,
            ["d_ff"] = config.IntermediateSize,
            ["num_heads"] = config.HeadCount,
            ["num_layers"] = config.EncoderLayerCount,
            ["num_decoder_layers"] = config.DecoderLayerCount,
            ["relative_attention_num_buckets"] = config.BucketCount,
            ["relative_attention_max_distance"] = config.FarthestDistance,
            ["feed_forward_proj"] = Projection(config),
            ["tie_word_embeddings"] = config.IsHeadTied,
            ["dropout_rate"] = ConfigJson.Real(config.DropoutRate),
            ["layer_norm_epsilon"] = ConfigJson.Real(config.LayerNormEpsilon),
            ["initializer_factor"] = ConfigJson.Real(config.InitializerFactor),
            ["pad_token_id"] = config.PadTokenId,
            ["eos_token_id"] = config.EndTokenId,
            ["decoder_start_token_id"] = config.StartTokenId,
        };
        ConfigJson.Write(folder, json);
    }

    /// <summary>Writes <c>model.safetensors</c>; a tied output layer repeats the embedding and is left out.</summary>
    /// <param name="folder">The folder; made when missing.</param>
    /// <param name="model">The model; borrowed.</param>
    /// <param name="dtype">The number format in the file: F32, F16 or BF16.</param>
    /// <exception cref="ArgumentException">Another number format.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WriteWeights(string folder, T5ForConditionalGeneration model, TensorDtype dtype = TensorDtype.F32) =>
        WeightFile.Write(folder, model, dtype);

    // "gated-gelu" means the tanh approximation there, which has a name of its own where nothing is gated.
    private static string Projection(T5Config config) =>
        !config.IsGated ? Activations.NameOf(config.Activation)
        : config.Activation == Activation.GeluTanh ? "gated-gelu"
        : $"gated-{Activations.NameOf(config.Activation)}";
}
