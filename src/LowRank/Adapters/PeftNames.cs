namespace LowRank.Adapters;

/// <summary>PEFT's names of an adapter's tensors, and the prefix that all of them have.</summary>
internal static class PeftNames
{
    internal const string Prefix = "base_model.model.";

    internal static (string A, string B) Of(AdaptedLayer layer) => layer.IsEmbedding
        ? ($"{layer.Path}.lora_embedding_A", $"{layer.Path}.lora_embedding_B")
        : ($"{layer.Path}.lora_A.weight", $"{layer.Path}.lora_B.weight");

    internal static string MagnitudeOf(AdaptedLayer layer) => $"{layer.Path}.lora_magnitude_vector";

    internal static string BiasOf(AdaptedLayer layer) => $"{layer.Path}.lora_B.bias";
}
