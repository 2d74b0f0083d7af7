using System.Text.Json.Nodes;
using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.Weights;

namespace LowRank.Transformers.Bert;

/// <summary>Writes a BERT as a model folder in the Hugging Face layout.</summary>
public static class BertFolder
{
    /// <summary>Writes <c>config.json</c>.</summary>
    /// <param name="folder">The folder; made when missing.</param>
    /// <param name="model">The model; borrowed.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WriteConfig(string folder, BertForMaskedLM model)
    {
        var config = Check.NotNull(model).Config;
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray(model.HasPairs ? "BertForPreTraining" : "BertForMaskedLM"),
            ["model_type"] = config.ModelType,
            ["vocab_size"] = config.VocabularySize,
            ["hidden_size"] = config.HiddenSize,
            ["num_hidden_layers"] = config.LayerCount,
            ["num_attention_heads"] = config.HeadCount,
            ["intermediate_size"] = config.IntermediateSize,
            ["hidden_act"] = Activations.NameOf(config.Activation),
            ["hidden_dropout_prob"] = ConfigJson.Real(config.HiddenDropout),
            ["attention_probs_dropout_prob"] = ConfigJson.Real(config.AttentionDropout),
            ["classifier_dropout"] = ConfigJson.Real(config.HeadDropout),
            ["max_position_embeddings"] = config.PositionCount,
            ["type_vocab_size"] = config.TypeCount,
            ["layer_norm_eps"] = ConfigJson.Real(config.LayerNormEpsilon),
            ["initializer_range"] = ConfigJson.Real(config.InitializerRange),
            ["pad_token_id"] = config.PadTokenId,
        };
        ConfigJson.Write(folder, json);
    }

    /// <summary>Writes <c>model.safetensors</c>; the output layer repeats the embedding and is left out.</summary>
    /// <param name="folder">The folder; made when missing.</param>
    /// <param name="model">The model; borrowed.</param>
    /// <param name="dtype">The number format in the file: F32, F16 or BF16.</param>
    /// <exception cref="ArgumentException">Another number format.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WriteWeights(string folder, BertForMaskedLM model, TensorDtype dtype = TensorDtype.F32) =>
        WeightFile.Write(folder, model, dtype);
}
