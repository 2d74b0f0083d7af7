using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>The random (semi-)orthogonal end-to-end map of a wide factorization, met only through a few vectors.</summary>
/// <remarks>
/// A product of independent uniform orthogonal matrices is uniform, so one map Q [out, in] stands for the whole chain.
/// The compressed start needs only <c>Q·V</c> and <c>Qᵀ·U</c>; their joint law is drawn directly.
/// </remarks>
internal static class WideMap
{
    /// <summary>Draws the outer factors for the leading singular vectors of a gradient.</summary>
    /// <param name="u">Left vectors, <c>[out, half]</c>, orthonormal.</param>
    /// <param name="v">Right vectors, <c>[in, half]</c>, orthonormal.</param>
    /// <param name="seed">The map's stream.</param>
    internal static OuterFactors Compress(Tensor u, Tensor v, Seed seed)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var (left, right) = u.shape[0] <= v.shape[0] ? Draw(u, v, seed) : Swap(Draw(v, u, seed));
        return new OuterFactors(left.DetachFromDisposeScope(), right.DetachFromDisposeScope());
    }

    /// <summary>The same from an explicit map, <c>[out, in]</c>: the definition that the draw is tested against.</summary>
    internal static OuterFactors Compress(Tensor u, Tensor v, Tensor map)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var (left, right) = u.shape[0] <= v.shape[0] ? Chain(u, v, map) : Swap(Chain(v, u, map.t()));
        return new OuterFactors(left.DetachFromDisposeScope(), right.DetachFromDisposeScope());
    }

    // Short side first: u [m, h], v [n, h], m <= n, rows of Q orthonormal.
    private static (Tensor Left, Tensor Right) Chain(Tensor u, Tensor v, Tensor map) =>
        Orthonormalise(u, v, map.mm(v), map.t().mm(u));

    private static (Tensor Left, Tensor Right) Draw(Tensor u, Tensor v, Seed seed)
    {
        using var scope = NewDisposeScope();
        var (m, n, h) = (u.shape[0], v.shape[0], u.shape[1]);
        using var generator = seed.Generator();
        Tensor Gaussian(long rows) => randn([rows, h], ScalarType.Float64, generator: generator).to(u.dtype, u.device);

        // Qᵀ·U is a uniform frame. Given it, Q·V has a part along U, which is fixed, and a part across, uniform in
        // direction, whose size is that of the first m - h rows of a uniform frame of n - h rows.
        var back = AdapterStart.Frame(Gaussian(n));
        var along = back.t().mm(v);
        var block = AdapterStart.Frame(Gaussian(n - h)).narrow(0, 0, m - h);
        var across = Gaussian(m);
        across = AdapterStart.Frame(across - u.mm(u.t().mm(across)));
        across = AdapterStart.Frame(across - u.mm(u.t().mm(across)));
        var size = Root(block.t().mm(block)).mm(Root(eye(h, dtype: u.dtype, device: u.device) - along.t().mm(along)));
        var forward = u.mm(along) + across.mm(size);
        var (left, right) = Orthonormalise(u, v, forward, back);
        return (left.MoveToOuterDisposeScope(), right.MoveToOuterDisposeScope());
    }

    // right·T = [v, Qᵀu] by QR, and left = Q·right = [Qv, u]·T⁻¹.
    private static (Tensor Left, Tensor Right) Orthonormalise(Tensor u, Tensor v, Tensor forward, Tensor back)
    {
        using var scope = NewDisposeScope();
        var (right, t) = linalg.qr(cat([v, back], 1));
        var left = linalg.solve(t.t(), cat([forward, u], 1).t()).t().contiguous();
        return (left.MoveToOuterDisposeScope(), right.MoveToOuterDisposeScope());
    }

    private static Tensor Root(Tensor symmetric)
    {
        using var scope = NewDisposeScope();
        var (values, vectors) = linalg.eigh(symmetric);
        return (vectors * values.clamp_min(0).sqrt()).mm(vectors.t()).MoveToOuterDisposeScope();
    }

    private static (Tensor Left, Tensor Right) Swap((Tensor Left, Tensor Right) sides) => (sides.Right, sides.Left);
}
