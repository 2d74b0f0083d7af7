using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Factorization;

/// <summary>The small equivalent of a deep factorization: left · W_L · … · W_1 · right.</summary>
/// <remarks>
/// Left is <c>[rows, width]</c>, the L inner matrices <c>[width, width]</c>, right <c>[width, columns]</c>, where the
/// width is twice an estimate of the target's rank (theory 4). The inner matrices start as multiples of the identity
/// and learn at full rate; the outer two learn at the rate <see cref="DescentOptions.OuterRate"/> of it.
/// </remarks>
public sealed class CompressedFactorization : MatrixModel
{
    private CompressedFactorization(IEnumerable<Tensor> factors)
        : base(factors)
    {
    }

    /// <summary>Left factor <c>[rows, width]</c>; owned by this model.</summary>
    public Tensor Left => Factors[^1];

    /// <summary>Right factor <c>[width, columns]</c>; owned by this model.</summary>
    public Tensor Right => Factors[0];

    /// <summary>The inner matrices W_1 … W_L, each <c>[width, width]</c>; owned by this model.</summary>
    public IReadOnlyList<Tensor> Inner => [.. Factors.Skip(1).SkipLast(1)];

    /// <summary>Directions kept on each side.</summary>
    public long Width => Right.shape[0];

    /// <inheritdoc/>
    public override int Depth => Factors.Count - 2;

    /// <summary>A compressed model at its start, with inner matrices ε_l · I.</summary>
    /// <param name="outer">The outer factors; copied.</param>
    /// <param name="scales">
    /// The scales ε_1 … ε_L of the inner matrices, each above 0; their number is the depth.
    /// </param>
    /// <returns>The model, with the outer factors' dtype and device; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">No scales, or one that is not a finite number above 0.</exception>
    public static CompressedFactorization Create(OuterFactors outer, params IReadOnlyList<double> scales)
    {
        Check.NotNull(outer);
        Check.NotNull(scales);
        Check.That(scales.Count >= 1, nameof(scales), "scales: got none; wanted one per inner matrix.");
        foreach (var scale in scales)
        {
            Check.Positive(scale, nameof(scales));
        }

        Tensor Inner(double scale)
        {
            var inner = eye(outer.Width, dtype: outer.Right.dtype, device: outer.Right.device);
            inner.mul_(scale);
            return inner;
        }

        var factors = new[] { outer.Right, outer.Left };
        CheckChain(factors, least: 2);
        return new([Copy(outer.Right), .. scales.Select(Inner), Copy(outer.Left)]);
    }

    /// <summary>A compressed model with given factors.</summary>
    /// <param name="factors">Right, W_1 … W_L, left: at least three matrices that fit, of one dtype. Copied.</param>
    /// <returns>The model; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">Too few factors, or shapes or dtypes that do not fit.</exception>
    public static CompressedFactorization FromFactors(params IReadOnlyList<Tensor> factors)
    {
        CheckChain(factors, least: 3);
        return new(factors.Select(Copy));
    }

    internal override bool IsOuter(int index) => index == 0 || index == Factors.Count - 1;
}
