using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Factorization;

/// <summary>What a random semi-orthogonal map does to two small frames, without the map.</summary>
internal static class WideMap
{
    /// <summary>
    /// A frame spanning V and QᵀU, and its image under Q, for a Haar-random Q with short ≤ long sides.
    /// </summary>
    /// <param name="target">U <c>[short, h]</c>, orthonormal.</param>
    /// <param name="source">V <c>[long, h]</c>, orthonormal.</param>
    /// <param name="seed">The stream of Q.</param>
    /// <returns>The frame <c>[long, 2h]</c>, orthonormal, and its image <c>[short, 2h]</c>.</returns>
    public static (Tensor Frame, Tensor Image) Draw(Tensor target, Tensor source, Seed seed)
    {
        using var scope = NewDisposeScope();
        var (rows, columns, width) = (target.shape[0], source.shape[0], target.shape[1]);

        // B has the law of QᵀU. Given B, V splits into BC and a rest of Gram matrix I − CᵀC, which the remaining rows
        // of Q see as the first rows of a random frame.
        var pulled = Initialize.SemiOrthogonal(columns, width, seed.For("pulled"), 1, source.dtype, source.device);
        var overlap = pulled.t().mm(source);
        var rest = Initialize
            .SemiOrthogonal(columns - width, width, seed.For("rest"), 1, source.dtype, source.device)
            .narrow(0, 0, rows - width)
            .mm(Remainder(overlap));
        var pushed = target.mm(overlap) + InComplement(target, rest);

        var (frame, triangle) = Frames.Decompose(cat([source, pulled], 1));
        var image = linalg.solve_triangular(triangle, cat([pushed, target], 1), upper: true, left: false);
        return (frame.MoveToOuterDisposeScope(), image.MoveToOuterDisposeScope());
    }

    // (I − CᵀC)^½, by the singular values of C: cosines become sines.
    private static Tensor Remainder(Tensor overlap)
    {
        var (_, cosines, vectors) = linalg.svd(overlap, fullMatrices: false);
        var sines = (1 - cosines.square()).clamp_min_(0).sqrt_();
        return (vectors.t() * sines).mm(vectors);
    }

    // U⊥ · rest, where U⊥ completes the frame U to a basis: the reflectors of U's QR on rest below h zero rows.
    private static Tensor InComplement(Tensor frame, Tensor rest)
    {
        var (reflectors, scales) = geqrf(frame);
        var width = frame.shape[1];
        var padded = cat([zeros(width, width, dtype: rest.dtype, device: rest.device), rest], 0);
        return ormqr(reflectors, scales, padded);
    }
}
