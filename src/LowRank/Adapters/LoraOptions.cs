using LowRank.Factorization;
using LowRank.Tensors;

namespace LowRank.Adapters;

/// <summary>Options of <see cref="Lora"/>; names and defaults are PEFT's.</summary>
public sealed record LoraOptions : AdapterOptions
{
    /// <summary>The numerator of the scale: the update is multiplied by alpha / rank.</summary>
    /// <value>Null: the rank, so that the scale is 1 (PEFT's default of 8 and 8).</value>
    public double? Alpha { get; init; }

    /// <summary>Rank-stabilised LoRA: scale by alpha / √rank instead.</summary>
    /// <value>False.</value>
    public bool UseRsLora { get; init; }

    /// <summary>How the factors start.</summary>
    /// <value><see cref="LoraStart.Kaiming"/>.</value>
    public LoraStart Start { get; init; } = LoraStart.Kaiming;

    /// <summary>LoRA+: the learning rate of B as a multiple of A's.</summary>
    /// <value>1, plain LoRA; the LoRA+ authors recommend about 16.</value>
    public double RateRatioB { get; init; } = 1;

    /// <summary>The scale these options give at a rank.</summary>
    public double Scale => (Alpha ?? Rank) / (UseRsLora ? Math.Sqrt(Rank) : Rank);

    /// <inheritdoc/>
    [System.Text.Json.Serialization.JsonIgnore]
    public override string Method => "lora";

    /// <inheritdoc/>
    public override long CountParameters(AdaptedLayer layer)
    {
        Check.NotNull(layer);
        return Rank * (layer.Inputs + layer.Outputs);
    }

    internal override int LeastSide => Rank;

    internal override Adapter Create(AdaptedLayer layer, Seed seed, OuterFactors? start) =>
        Lora.Begin(layer, this, seed);

    internal override Adapter Restore(AdaptedLayer layer, IReadOnlyList<TorchSharp.torch.Tensor> factors) =>
        new Lora(layer, this, factors[0], factors[1]);

    internal override IReadOnlyList<string> FactorNames() => ["lora_A", "lora_B"];

    internal override void Validate(IReadOnlyList<AdaptedLayer> layers)
    {
        ValidateShared(layers);
        Check.Positive(Alpha ?? Rank, nameof(Alpha));
        Check.Positive(RateRatioB);
    }
}
