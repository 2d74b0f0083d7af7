using System.Text.Json.Serialization;

namespace LowRank.Adapters;

/// <summary>What of a model is trained, and how.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "method")]
[JsonDerivedType(typeof(LoraOptions), "lora")]
[JsonDerivedType(typeof(DeepLoraOptions), "deep-lora")]
[JsonDerivedType(typeof(LoraXsOptions), "lora-xs")]
[JsonDerivedType(typeof(HeadOnlyOptions), "head-only")]
[JsonDerivedType(typeof(FullOptions), "full")]
public abstract record AdapterOptions
{
    private protected AdapterOptions()
    {
    }

    /// <summary>The method's name as files and reports write it.</summary>
    [JsonIgnore]
    public abstract string Method { get; }

    /// <summary>The learning rate to begin with when nobody chose one.</summary>
    [JsonIgnore]
    public abstract double DefaultLearningRate { get; }

    /// <summary>How many numbers these options train on a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <returns>The count.</returns>
    public abstract long CountParameters(AdaptedLayer layer);
}
