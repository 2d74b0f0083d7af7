using LowRank.Tensors;

namespace LowRank.Adapters;

/// <summary>What the update of one layer is made of; of DoRA its direction's part, without the magnitudes.</summary>
public sealed record LayerSpectrum
{
    /// <summary>A direction counts in <see cref="NumericalRank"/> from this share of the largest singular value on.</summary>
    public const double Tolerance = 0.01;

    // The paper counts a layer as unchanged up to this spectral norm, and otherwise as NumPy does in single precision.
    private const double PaperNorm = 1e-3;
    private const double SinglePrecision = 1.1920929e-7;

    /// <summary>The layer's path in the model.</summary>
    public required string Path { get; init; }

    /// <summary>The input dimension: features of a linear layer, rows of an embedding table.</summary>
    public required long Inputs { get; init; }

    /// <summary>The output dimension.</summary>
    public required long Outputs { get; init; }

    /// <summary>The width of the factors: the largest rank the update can have.</summary>
    public required int Rank { get; init; }

    /// <summary>The update's singular values, descending; the rest are zero.</summary>
    public required IReadOnlyList<double> SingularValues { get; init; }

    /// <summary>The Frobenius norm of the layer's weight.</summary>
    /// <value>Null: the base model was not at hand.</value>
    public double? WeightNorm { get; init; }

    /// <summary>
    /// On the input side, the cosines of the principal angles between the update's leading directions and the span of
    /// the factor it started with: 1 for a direction that lies in the span, 0 for one at a right angle; descending.
    /// </summary>
    /// <value>Empty: the start is not known, was zero on this side, or the update is zero.</value>
    public IReadOnlyList<double> InputAlignment { get; init; } = [];

    /// <summary>The same on the output side.</summary>
    /// <value>Empty, as <see cref="InputAlignment"/>; always for plain LoRA, whose output factor starts at zero.</value>
    public IReadOnlyList<double> OutputAlignment { get; init; } = [];

    /// <summary>The Frobenius norm of the update.</summary>
    public double Norm => Math.Sqrt(SingularValues.Sum(value => value * value));

    /// <summary>The norm of the update over the weight's; null when the weight is not known.</summary>
    public double? RelativeNorm => WeightNorm is > 0 ? Norm / WeightNorm : null;

    /// <summary>How many directions carry the update, by the entropy of its singular values.</summary>
    public double EffectiveRank => Spectrum.EffectiveRank(SingularValues);

    /// <summary>The number of singular values above <see cref="Tolerance"/> times the largest.</summary>
    public int NumericalRank => Spectrum.NumericalRank(SingularValues, Tolerance);

    /// <summary>
    /// The rank as the Deep LoRA paper counts it: 0 up to a spectral norm of 0.001, else the number of singular values
    /// above the largest times the larger dimension times the precision of float32.
    /// </summary>
    public int PaperRank => SingularValues.DefaultIfEmpty(0).Max() <= PaperNorm
        ? 0
        : Spectrum.NumericalRank(SingularValues, Math.Max(Inputs, Outputs) * SinglePrecision);

    /// <summary>How many leading directions the alignments look at: the effective rank, rounded.</summary>
    public int LeadingDirections => (int)Math.Round(EffectiveRank);
}
