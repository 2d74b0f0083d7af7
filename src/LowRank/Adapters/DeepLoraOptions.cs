using System.Text.Json.Serialization;
using LowRank.Factorization;
using LowRank.Tensors;

namespace LowRank.Adapters;

/// <summary>Options of <see cref="DeepLora"/>.</summary>
public sealed record DeepLoraOptions : FactorOptions
{
    private const double RateTimesRank = 0.032;

    /// <summary>
    /// The number of factors the update is a product of (the compressed form adds its two outer ones).
    /// </summary>
    /// <value>3, the paper's choice; at least 2.</value>
    public int Depth { get; init; } = 3;

    /// <summary>The scale of every factor at the start, epsilon in the paper.</summary>
    /// <value>0.001; above 0.</value>
    public double InitialScale { get; init; } = 1e-3;

    /// <summary>Which form is trained.</summary>
    /// <value><see cref="DeepLoraForm.Compressed"/>.</value>
    public DeepLoraForm Form { get; init; } = DeepLoraForm.Compressed;

    /// <summary>
    /// The discrepant rate gamma: the outer factors' learning rate as a multiple of the inner factors'.
    /// </summary>
    /// <value>0.01, of the compressed form only; at least 0, and 0 freezes the outer factors.</value>
    public double OuterRateRatio { get; init; } = 1e-2;

    /// <summary>How many first batches the gradient is summed over that the compressed form starts from.</summary>
    /// <value>1, as the paper; at least 1.</value>
    public int CompressionBatches { get; init; } = 1;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Method => "deep-lora";

    /// <inheritdoc/>
    public override long CountParameters(AdaptedLayer layer)
    {
        var width = WidthOn(Check.NotNull(layer));
        var inner = Form == DeepLoraForm.Compressed ? Depth : Depth - 2;
        return (width * (layer.Inputs + layer.Outputs)) + (inner * width * width);
    }

    /// <inheritdoc/>
    /// <value>
    /// For the inner factors of the compressed form 0.032 over the rank (0.004 at rank 8), for the other forms 0.0005:
    /// docs/adapters.md has the study.
    /// </value>
    /// <remarks>
    /// Adam moves every entry of an r x r factor by about the rate. Where the entries move together that is r times the
    /// rate in one direction, so a rate over r gives all ranks the same pace.
    /// </remarks>
    [JsonIgnore]
    public override double DefaultLearningRate => Form == DeepLoraForm.Compressed ? RateTimesRank / Rank : 5e-4;

    internal override int LeastSide => Form == DeepLoraForm.Wide ? 1 : Rank;

    internal long WidthOn(AdaptedLayer layer) => Form == DeepLoraForm.Wide ? layer.Smaller : Rank;

    internal override Adapter Create(AdaptedLayer layer, Seed seed, OuterFactors? start) =>
        Form == DeepLoraForm.Compressed
            ? DeepLora.FromOuterFactors(
                layer,
                this,
                start ?? throw new InvalidOperationException($"{layer.Path}: the compressed form lacks outer factors."))
            : DeepLora.Begin(layer, this, seed);

    internal override Adapter Restore(AdaptedLayer layer, IReadOnlyList<TorchSharp.torch.Tensor> factors) =>
        new DeepLora(layer, this, factors);

    internal override IReadOnlyList<(string Name, long[] Shape)> FactorShapes(AdaptedLayer layer, long rank)
    {
        var inner = Form == DeepLoraForm.Compressed ? Depth : Depth - 2;
        return
        [
            (DeepLora.NameOf(0), layer.InputShape(rank)),
            .. Enumerable.Range(1, inner).Select(index => (DeepLora.NameOf(index), new[] { rank, rank })),
            (DeepLora.NameOf(inner + 1), [layer.Outputs, rank]),
        ];
    }

    internal override void Validate(IReadOnlyList<AdaptedLayer> layers)
    {
        ValidateShared(layers);
        Check.AtLeast(Depth, 2);
        Check.Positive(InitialScale);
        Check.NotNegative(OuterRateRatio);
        Check.AtLeast(CompressionBatches, 1);
        Check.That(
            Form != DeepLoraForm.Compressed || Rank % 2 == 0,
            nameof(Rank),
            $"{nameof(Rank)}: got {Rank}; wanted an even number, since the compressed form keeps half for each side.");
    }
}
