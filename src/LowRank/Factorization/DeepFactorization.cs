using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Factorization;

/// <summary>A deep matrix factorization: W_L · … · W_1 with L ≥ 2 factors of any shape that fits.</summary>
/// <remarks>
/// W_1 is <c>[width, columns]</c>, the middle factors <c>[width, width]</c>, W_L <c>[rows, width]</c>; each starts
/// semi-orthogonal times its scale (theory 1). With a width of at least both sides, gradient descent moves only a
/// subspace of twice the target's rank in each factor (theory 2): see <see cref="Compression"/>.
/// </remarks>
public sealed class DeepFactorization : MatrixModel
{
    private DeepFactorization(IEnumerable<Tensor> factors)
        : base(factors)
    {
    }

    /// <inheritdoc/>
    public override int Depth => Factors.Count;

    /// <summary>Draws a factorization at its orthogonal start.</summary>
    /// <param name="rows">Rows of the product, at least 1.</param>
    /// <param name="columns">Columns of the product, at least 1.</param>
    /// <param name="options">Depth, width, scales, dtype, device.</param>
    /// <param name="seed">The stream; factor l is drawn from its part <c>factor.l</c>.</param>
    /// <returns>The model; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">A size or an option is out of range; all faults are listed.</exception>
    public static DeepFactorization Create(long rows, long columns, FactorizationOptions options, Seed seed)
    {
        Check.AtLeast(rows, 1);
        Check.AtLeast(columns, 1);
        Check.NotNull(options).Validate();
        var width = options.Width ?? Math.Max(rows, columns);
        var scales = options.Scales();
        return new(Enumerable.Range(1, options.Depth).Select(layer => Initialize.SemiOrthogonal(
            layer == options.Depth ? rows : width,
            layer == 1 ? columns : width,
            seed.For($"factor.{layer}"),
            scales[layer - 1],
            options.Dtype,
            options.Device)));
    }

    /// <summary>A factorization with given factors, such as a reference's start.</summary>
    /// <param name="factors">
    /// At least two matrices in the order in which they act: the columns of each equal the rows of the one before.
    /// All float32 or all float64, on one device. They are copied.
    /// </param>
    /// <returns>The model; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">Too few factors, or shapes or dtypes that do not fit.</exception>
    public static DeepFactorization FromFactors(params IReadOnlyList<Tensor> factors)
    {
        CheckChain(factors, least: 2);
        return new(factors.Select(Copy));
    }

    internal override bool IsOuter(int index) => false;
}
