using System.Text.Json.Serialization;

namespace LowRank.Adapters;

/// <summary>No adapter at all: only the heads are trained, the yardstick that every adapter must beat.</summary>
public sealed record HeadOnlyOptions : AdapterOptions
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Method => "head-only";

    /// <inheritdoc/>
    /// <value>0.002.</value>
    [JsonIgnore]
    public override double DefaultLearningRate => 2e-3;

    /// <inheritdoc/>
    public override long CountParameters(AdaptedLayer layer) => 0;
}
