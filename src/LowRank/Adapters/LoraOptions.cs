using System.Text.Json.Serialization;
using LowRank.Factorization;
using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Adapters;

/// <summary>Options of <see cref="Lora"/> and <see cref="Dora"/>; names and defaults are PEFT's.</summary>
public sealed record LoraOptions : FactorOptions
{
    /// <summary>The numerator of the scale: the update is multiplied by alpha / rank.</summary>
    /// <value>Null: the rank, so that the scale is 1 (PEFT's default of 8 and 8).</value>
    public double? Alpha { get; init; }

    /// <summary>Rank-stabilised LoRA: scale by alpha / √rank instead.</summary>
    /// <value>False.</value>
    public bool UseRsLora { get; init; }

    /// <summary>Weight-decomposed LoRA: train the length of each row of the weight beside its direction.</summary>
    /// <value>False. Linear layers only; starts from <see cref="LoraStart.Kaiming"/> and its like.</value>
    public bool UseDora { get; init; }

    /// <summary>How the factors start.</summary>
    /// <value><see cref="LoraStart.Kaiming"/>.</value>
    public LoraStart Start { get; init; } = LoraStart.Kaiming;

    /// <summary>LoRA+: the learning rate of B as a multiple of A's.</summary>
    /// <value>1, plain LoRA; the LoRA+ authors recommend about 16.</value>
    public double RateRatioB { get; init; } = 1;

    /// <summary>The scale these options give at a rank.</summary>
    [JsonIgnore]
    public double Scale => (Alpha ?? Rank) / (UseRsLora ? Math.Sqrt(Rank) : Rank);

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Method => "lora";

    /// <inheritdoc/>
    /// <value>0.0005.</value>
    [JsonIgnore]
    public override double DefaultLearningRate => 5e-4;

    internal override int LeastSide => Rank;

    // PiSSA and OLoRA start away from zero: what they start with is kept and subtracted.
    internal bool IsAnchored => Start is LoraStart.Pissa or LoraStart.Olora;

    /// <inheritdoc/>
    public override long CountParameters(AdaptedLayer layer)
    {
        Check.NotNull(layer);
        return (Rank * (layer.Inputs + layer.Outputs)) + (UseDora ? layer.Outputs : 0);
    }

    internal override Adapter Create(AdaptedLayer layer, Seed seed, OuterFactors? start)
    {
        var (a, b) = LoraDraw.Of(layer, this, seed);
        return UseDora ? Dora.Begin(layer, this, a, b) : Lora.Begin(layer, this, a, b);
    }

    internal override Adapter Restore(AdaptedLayer layer, IReadOnlyList<torch.Tensor> factors) => UseDora
        ? new Dora(layer, this, factors[0], factors[1], factors[2])
        : new Lora(layer, this, factors);

    internal override IReadOnlyList<(string Name, long[] Shape)> FactorShapes(AdaptedLayer layer, long rank)
    {
        var (a, b) = (layer.InputShape(rank), new[] { layer.Outputs, rank });
        return
        [
            (Lora.NameA, a),
            (Lora.NameB, b),
            .. UseDora ? [(Dora.NameMagnitude, [layer.Outputs])] : Array.Empty<(string, long[])>(),
            .. IsAnchored ? [(Lora.NameAnchorA, a), (Lora.NameAnchorB, b)] : Array.Empty<(string, long[])>(),
        ];
    }

    internal override void Validate(IReadOnlyList<AdaptedLayer> layers)
    {
        ValidateShared(layers);
        Check.Positive(Alpha ?? Rank, nameof(Alpha));
        Check.Positive(RateRatioB);
        Check.That(
            Start != LoraStart.Orthogonal || Rank % 2 == 0,
            nameof(Rank),
            $"{nameof(Rank)}: got {Rank}; wanted an even number, since the orthogonal start halves it.");
        Check.That(
            !(UseDora && IsAnchored),
            nameof(Start),
            $"{nameof(Start)}: got {Start} with {nameof(UseDora)}; wanted a start that leaves the weight's length alone.");
        var table = UseDora ? layers.FirstOrDefault(layer => layer.IsEmbedding) : null;
        Check.That(
            table is null,
            nameof(UseDora),
            $"{nameof(UseDora)}: got {table}; wanted linear layers only: leave embeddings out of the targets.");
    }
}
