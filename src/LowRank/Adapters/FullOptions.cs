using System.Text.Json.Serialization;
using LowRank.Tensors;

namespace LowRank.Adapters;

/// <summary>Full fine-tuning: no adapter, every parameter of the model is trained.</summary>
/// <remarks>
/// Needs the model's size again for each of: the gradients, AdamW's two moments, and the copy from which the base model
/// can be restored.
/// </remarks>
public sealed record FullOptions : AdapterOptions
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Method => "full";

    /// <inheritdoc/>
    /// <value>0.00005, the usual rate of BERT's authors.</value>
    [JsonIgnore]
    public override double DefaultLearningRate => 5e-5;

    /// <inheritdoc/>
    public override long CountParameters(AdaptedLayer layer) => Check.NotNull(layer).Inputs * layer.Outputs;
}
