using System.Text.Json.Serialization;
using LowRank.Factorization;
using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Adapters;

/// <summary>Options of <see cref="LoraXs"/>.</summary>
public sealed record LoraXsOptions : FactorOptions
{
    /// <summary>The numerator of the scale: the update is multiplied by alpha / rank.</summary>
    /// <value>Null: the rank, so that the scale is 1.</value>
    public double? Alpha { get; init; }

    /// <summary>The standard deviation of the core's entries at the start.</summary>
    /// <value>0.00001, its authors' choice; above 0.</value>
    public double InitialScale { get; init; } = 1e-5;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Method => "lora-xs";

    /// <inheritdoc/>
    /// <value>0.002: rank x rank numbers take larger steps than rank x (in + out).</value>
    [JsonIgnore]
    public override double DefaultLearningRate => 2e-3;

    internal override int LeastSide => Rank;

    /// <inheritdoc/>
    public override long CountParameters(AdaptedLayer layer) => (long)Rank * Rank;

    internal override Adapter Create(AdaptedLayer layer, Seed seed, OuterFactors? start) =>
        LoraXs.Begin(layer, this, seed);

    internal override Adapter Restore(AdaptedLayer layer, IReadOnlyList<torch.Tensor> factors) =>
        new LoraXs(layer, this, factors[0], factors[1], factors[2]);

    internal override IReadOnlyList<(string Name, long[] Shape)> FactorShapes(AdaptedLayer layer, long rank) =>
    [
        (LoraXs.InputFrame, layer.InputShape(rank)),
        (LoraXs.Core, [rank, rank]),
        (LoraXs.OutputFrame, [layer.Outputs, rank]),
    ];

    internal override void Validate(IReadOnlyList<AdaptedLayer> layers)
    {
        ValidateShared(layers);
        Check.Positive(Alpha ?? Rank, nameof(Alpha));
        Check.Positive(InitialScale);
    }
}
