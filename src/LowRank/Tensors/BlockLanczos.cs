using static TorchSharp.torch;

namespace LowRank.Tensors;

/// <summary>Leading singular triplets by block Lanczos bidiagonalization (Golub, Luk, Overton 1981).</summary>
internal static class BlockLanczos
{
    // Columns drawn beyond the wanted rank: they speed up convergence where the values lie close together.
    private const int Oversample = 8;

    // Below this size a full decomposition takes milliseconds and needs no convergence.
    private const long SmallSide = 128;

    /// <summary>Triplets with residuals within the tolerance, or the full decomposition's.</summary>
    public static SingularTriplets Top(Tensor matrix, int rank, double tolerance, Seed start)
    {
        using var scope = NewDisposeScope();
        var side = Math.Min(matrix.shape[0], matrix.shape[1]);
        var floor = matrix.dtype == ScalarType.Float64 ? 1e-14 : 1e-5;
        var found = side > SmallSide ? Iterate(matrix, rank, Math.Max(tolerance, floor), start) : null;
        return found ?? Full(matrix, rank);
    }

    private static SingularTriplets Full(Tensor matrix, int rank)
    {
        var (left, values, right) = linalg.svd(matrix, fullMatrices: false);
        return new(
            left.narrow(1, 0, rank).clone(),
            values.narrow(0, 0, rank).clone(),
            right.narrow(0, 0, rank).t().contiguous());
    }

    private static SingularTriplets? Iterate(Tensor matrix, int rank, double tolerance, Seed start)
    {
        var width = rank + Oversample;
        var limit = Math.Min(matrix.shape[0], matrix.shape[1]) / 2;
        var transposed = matrix.t();
        var right = Frames.Orthonormalize(
            Initialize.Gaussian(matrix.shape[1], width, start, 1, matrix.dtype, matrix.device));
        Tensor? lefts = null, rights = right, projected = null;
        for (var columns = width; columns <= limit; columns += width)
        {
            var left = Extend(lefts, matrix.mm(right));
            lefts = lefts is null ? left : cat([lefts, left], 1);
            var row = transposed.mm(left);
            projected = projected is null ? row : cat([projected, row], 1);
            var triplets = Ritz(matrix, lefts, projected, rank, tolerance);
            if (triplets is not null)
            {
                return triplets;
            }

            right = Extend(rights, row);
            rights = cat([rights, right], 1);
        }

        return null;
    }

    // Orthonormal columns for the block, orthogonal to the basis. The second round repairs directions that were mere
    // rounding noise after the first, as happens when the matrix has a lower rank than was asked for.
    private static Tensor Extend(Tensor? basis, Tensor block)
    {
        for (var round = 0; round < 2 && basis is not null; round++)
        {
            block = block - basis.mm(basis.t().mm(block));
            block = Frames.Orthonormalize(block - basis.mm(basis.t().mm(block)));
        }

        return Frames.Orthonormalize(block);
    }

    // Rayleigh-Ritz on the left basis: projected = Aᵀ·lefts, so that Aᵀu = σv holds exactly and only A·v = σu is open.
    private static SingularTriplets? Ritz(Tensor matrix, Tensor lefts, Tensor projected, int rank, double tolerance)
    {
        var (y, values, x) = linalg.svd(projected, fullMatrices: false);
        var right = y.narrow(1, 0, rank);
        var top = values.narrow(0, 0, rank);
        var left = lefts.mm(x.narrow(0, 0, rank).t());
        // Named, because a bare 0 means a dtype here.
        var residuals = (matrix.mm(right) - (left * top)).square().sum(dim: 0).sqrt();
        var worst = residuals.max().to(float64).ReadNumber<double>();
        return worst <= tolerance * top[0].to(float64).ReadNumber<double>()
            ? new(left.contiguous(), top.clone(), right.contiguous())
            : null;
    }
}
