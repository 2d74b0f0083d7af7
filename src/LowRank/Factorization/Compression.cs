using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Factorization;

/// <summary>From a deep model, or from one gradient alone, to the small equivalent model.</summary>
/// <remarks>
/// All learning of a wide deep factorization at its orthogonal start happens in a subspace of twice the target's rank
/// on each side (theory 2), and the first gradient shows it (theory 3). Three ways lead to the same small start:
/// from the real wide model, from the gradient with respect to the product and the wide model's orthogonal map, and
/// from that gradient alone with the map never drawn.
/// </remarks>
public static class Compression
{
    /// <summary>Compresses a model at its orthogonal start, by the first gradient of its own loss.</summary>
    /// <remarks>
    /// With G the gradient of W_1 and U, V its leading singular vectors, right spans V and W_1ᵀU/ε_1, and left is
    /// W_L … W_1 · right over the product of the scales; a model with more rows than columns is treated as its
    /// transpose, through the gradient of W_L. Costs two products of full size and a truncated decomposition.
    /// </remarks>
    /// <param name="model">A model at its start: each factor semi-orthogonal times a scale. Not changed.</param>
    /// <param name="objective">The loss whose gradient shows the subspace.</param>
    /// <param name="rank">
    /// Estimate of the target's rank, at least 1; twice it may not exceed any side of a factor. Too large is harmless.
    /// </param>
    /// <returns>The small model with the same depth and scales; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">
    /// The model has left its orthogonal start, shapes differ, the gradient is not finite, or the rank is out of range.
    /// </exception>
    public static CompressedFactorization FromFirstGradient(DeepFactorization model, Objective objective, int rank)
    {
        using var outer = FirstGradientFactors(model, objective, rank, out var scales);
        return CompressedFactorization.Create(outer, scales);
    }

    /// <summary>The outer factors from the gradient with respect to the product and the wide model's map.</summary>
    /// <remarks>
    /// With g ≈ U S Vᵀ: for rows ≤ columns, right spans V and QᵀU and left = Q · right; otherwise the mirror image.
    /// Equal to <see cref="FromFirstGradient"/> up to the product of the initial scales.
    /// </remarks>
    /// <param name="gradient">
    /// Gradient of the loss with respect to the product at zero, <c>[rows, columns]</c>; its sign and size are free.
    /// </param>
    /// <param name="map">
    /// Q, the product of the wide model's factors over the product of their scales: a semi-orthogonal matrix
    /// <c>[rows, columns]</c>, such as one from <see cref="Initialize.SemiOrthogonal"/>.
    /// </param>
    /// <param name="rank">Estimate of the gradient's useful rank, 1 to half the shorter side.</param>
    /// <returns>The outer factors of width 2 · rank; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">
    /// Shapes differ, the gradient is not finite, or the rank is out of range.
    /// </exception>
    public static OuterFactors FromProductGradient(Tensor gradient, Tensor map, int rank)
    {
        CheckGradient(gradient, rank);
        Check.Matrix(map, gradient.shape[0], gradient.shape[1]);
        using var scope = NewDisposeScope();
        using var top = Spectrum.Top(gradient, rank);
        if (map.shape[0] <= map.shape[1])
        {
            var right = Frames.Orthonormalize(cat([top.Right, map.t().mm(top.Left)], 1));
            return new(map.mm(right), right.t().contiguous());
        }

        var left = Frames.Orthonormalize(cat([top.Left, map.mm(top.Right)], 1));
        return new(left, left.t().mm(map));
    }

    /// <summary>The outer factors from the gradient with respect to the product alone.</summary>
    /// <remarks>See <see cref="FromSingularVectors"/>, which this calls with the gradient's leading vectors.</remarks>
    /// <param name="gradient">
    /// Gradient of the loss with respect to the product at zero, <c>[rows, columns]</c>; its sign and size are free.
    /// </param>
    /// <param name="rank">Estimate of the gradient's useful rank, 1 to half the shorter side.</param>
    /// <param name="seed">The stream of the random map.</param>
    /// <param name="tolerance">Accuracy of the singular vectors, see <see cref="Spectrum.Top"/>.</param>
    /// <returns>The outer factors of width 2 · rank; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">
    /// The gradient is not a finite matrix, or the rank is out of range.
    /// </exception>
    public static OuterFactors FromProductGradient(Tensor gradient, int rank, Seed seed, double tolerance = 1e-12)
    {
        CheckGradient(gradient, rank);
        using var top = Spectrum.Top(gradient, rank, tolerance, seed.For("vectors"));
        return FromSingularVectors(top.Left, top.Right, seed);
    }

    /// <summary>The outer factors from leading singular vectors, the wide map never drawn.</summary>
    /// <remarks>
    /// A random orthogonal map Q enters only through A = QV and B = QᵀU, so these two are drawn with their joint law
    /// (theory 3): B a Haar frame, C = BᵀV, and A = UC + U⊥K(I − CᵀC)^½ with K the first rows of a second Haar frame,
    /// U⊥ applied as Householder reflectors. Costs O((rows + columns) · rank²) in time, O((rows + columns) · rank) in
    /// memory: a 28,996 × 768 matrix is no more work than its own small factors.
    /// </remarks>
    /// <param name="left">Leading left singular vectors U of the gradient, <c>[rows, rank]</c>, orthonormal.</param>
    /// <param name="right">Leading right singular vectors V, <c>[columns, rank]</c>, orthonormal, same dtype.</param>
    /// <param name="seed">The stream of the random map.</param>
    /// <returns>The outer factors of width 2 · rank; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit, or twice the rank exceeds a side.</exception>
    public static OuterFactors FromSingularVectors(Tensor left, Tensor right, Seed seed)
    {
        Check.Matrix(left);
        Check.Matrix(right, columns: left.shape[1]);
        CheckRank((int)left.shape[1], Math.Min(left.shape[0], right.shape[0]));
        using var scope = NewDisposeScope();
        if (left.shape[0] <= right.shape[0])
        {
            var (frame, image) = WideMap.Draw(left, right, seed);
            return new(image, frame.t().contiguous());
        }

        // The mirror image: Qᵀ maps the longer side onto the shorter one.
        var (mirrored, mirroredImage) = WideMap.Draw(right, left, seed);
        return new(mirrored, mirroredImage.t().contiguous());
    }

    internal static OuterFactors FirstGradientFactors(
        DeepFactorization model, Objective objective, int rank, out double[] scales)
    {
        Check.NotNull(model);
        Check.NotNull(objective);
        CheckRank(rank, model.Factors.Min(factor => Math.Min(factor.shape[0], factor.shape[1])));
        scales = [.. model.Factors.Select(OrthogonalScale)];
        var total = scales.Aggregate(1.0, (product, scale) => product * scale);
        using var scope = NewDisposeScope();
        var gradient = model.Product();
        objective.TurnIntoGradient(gradient);
        CheckGradient(gradient, rank);
        if (model.Rows <= model.Columns)
        {
            // Gᵀ of W_1, pulled back through W_L … W_2; then the frame pushed forward through the whole chain.
            var first = model.Factors.Skip(1).Reverse().Aggregate(gradient, (signal, factor) => factor.t().mm(signal));
            using var top = Spectrum.Top(first, rank);
            var frame = Frames.Orthonormalize(
                cat([top.Right, model.Factors[0].t().mm(top.Left).div_(scales[0])], 1));
            var image = model.Factors.Aggregate(frame, (image, factor) => factor.mm(image)).div(total);
            return new(image, frame.t().contiguous());
        }

        var last = model.Factors.SkipLast(1).Aggregate(gradient, (signal, factor) => signal.mm(factor.t()));
        using var mirrored = Spectrum.Top(last, rank);
        var left = Frames.Orthonormalize(
            cat([mirrored.Left, model.Factors[^1].mm(mirrored.Right).div_(scales[^1])], 1));
        var right = model.Factors.Reverse().Aggregate(left.t(), (image, factor) => image.mm(factor)).div(total);
        return new(left, right);
    }

    // The scale ε of a semi-orthogonal factor, all of whose singular values are ε.
    private static double OrthogonalScale(Tensor factor, int index)
    {
        using var scope = NewDisposeScope();
        var side = Math.Min(factor.shape[0], factor.shape[1]);
        var scale = Math.Sqrt(factor.square().sum(ScalarType.Float64).ReadNumber<double>() / side);
        var gram = factor.shape[0] <= factor.shape[1] ? factor.mm(factor.t()) : factor.t().mm(factor);
        var identity = eye(side, dtype: factor.dtype, device: factor.device);
        var error = (gram / (scale * scale)).sub_(identity).abs().max().to(float64).ReadNumber<double>();
        Check.That(
            error < 1e-3,
            "model",
            $"model: factor {index + 1} differs from a scaled semi-orthogonal matrix by {error:g2}; "
            + "wanted a model at its start, before any descent.");
        return scale;
    }

    private static void CheckGradient(Tensor gradient, int rank)
    {
        Check.Matrix(gradient);
        CheckRank(rank, Math.Min(gradient.shape[0], gradient.shape[1]));
        using var scope = NewDisposeScope();
        Check.That(
            gradient.isfinite().all().ReadNumber<bool>(),
            nameof(gradient),
            "gradient: got NaN or infinite entries; wanted finite ones.");
    }

    private static void CheckRank(int rank, long side)
    {
        Check.AtLeast(rank, 1);
        Check.That(
            2 * rank <= side,
            nameof(rank),
            $"rank: got {rank}; wanted at most {side / 2}, since both sides need twice as many directions.");
    }
}
