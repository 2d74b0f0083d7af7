using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Factorization;

/// <summary>
/// The theorem's bases: in them each factor is a small moving block and a frozen multiple of the identity.
/// </summary>
/// <remarks>
/// For a square deep factorization of full width at its orthogonal start and a target of rank at most r, there are
/// fixed orthogonal bases with W_l(t) = U_l · diag(moving block, ρ_l(t) · I) · V_lᵀ at all steps, the moving block
/// <c>[2r, 2r]</c>, and U_l = V_{l+1} (theory 2, 3). Exact for <see cref="FullObjective"/>; for other objectives the
/// bases are the estimate from the first gradient and <see cref="Leak"/> says how far the picture holds.
/// </remarks>
public sealed class InvariantSubspaces : IDisposable
{
    private readonly Tensor[] _bases;

    private InvariantSubspaces(int rank, IReadOnlyList<double> scales, IEnumerable<Tensor> bases)
    {
        Rank = rank;
        Scales = scales;
        _bases = [.. bases.Select(basis => basis.DetachFromDisposeScope())];
    }

    /// <summary>The estimate r of the target's rank; the moving blocks are <c>[2r, 2r]</c>.</summary>
    public int Rank { get; }

    /// <summary>The initial scales ε_1 … ε_L, read from the factors.</summary>
    public IReadOnlyList<double> Scales { get; }

    /// <summary>
    /// V_1, U_1, …, U_L: L + 1 orthogonal matrices whose first 2r columns span the moving subspace. Factor index i
    /// (from 0) maps basis i to basis i + 1. Owned by this object.
    /// </summary>
    public IReadOnlyList<Tensor> Bases => _bases;

    /// <summary>Directions outside the moving subspace: d − 2r.</summary>
    public long FrozenCount => _bases[0].shape[0] - (2 * Rank);

    /// <summary>Builds the bases from a model's start and the first gradient of its loss.</summary>
    /// <param name="model">A square model of full width at its orthogonal start; not changed.</param>
    /// <param name="objective">The loss whose gradient shows the subspace.</param>
    /// <param name="rank">Estimate of the target's rank, with 2 · rank below the matrix's side.</param>
    /// <returns>The bases; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">
    /// A factor is not square, or not at its start, or the rank is too large.
    /// </exception>
    public static InvariantSubspaces Find(DeepFactorization model, Objective objective, int rank)
    {
        Check.NotNull(model);
        var side = model.Rows;
        foreach (var factor in model.Factors)
        {
            Check.That(
                factor.shape[0] == side && factor.shape[1] == side,
                nameof(model),
                $"model: got a factor [{string.Join(", ", factor.shape)}]; wanted all square, [{side}, {side}].");
        }

        Check.That(2 * rank < side, nameof(rank), $"rank: got {rank}; wanted below {(side + 1) / 2}, half the side.");
        using var outer = Compression.FirstGradientFactors(model, objective, rank, out var scales);
        using var scope = NewDisposeScope();
        var moving = outer.Right.t();
        var bases = new List<Tensor> { cat([moving, Frames.Complement(moving)], 1) };
        for (var i = 0; i < scales.Length; i++)
        {
            bases.Add(model.Factors[i].mm(bases[i]).div_(scales[i]));
        }

        return new(rank, scales, bases);
    }

    /// <summary>A factor's moving block, in the bases on its two sides.</summary>
    /// <param name="index">Index of the factor in <see cref="MatrixModel.Factors"/>, from 0.</param>
    /// <param name="factor">That factor at any step, <c>[d, d]</c>.</param>
    /// <returns>The block <c>[2r, 2r]</c>; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The index is out of range or the shape differs.</exception>
    public Tensor MovingBlock(int index, Tensor factor)
    {
        using var scope = NewDisposeScope();
        return Rotated(index, factor).narrow(0, 0, 2 * Rank).narrow(1, 0, 2 * Rank).clone().MoveToOuterDisposeScope();
    }

    /// <summary>The frozen value ρ of a factor: the mean of its frozen block's diagonal.</summary>
    /// <param name="index">Index of the factor in <see cref="MatrixModel.Factors"/>, from 0.</param>
    /// <param name="factor">That factor at any step, <c>[d, d]</c>.</param>
    /// <returns>A number; ε at the start.</returns>
    /// <exception cref="ArgumentException">The index is out of range or the shape differs.</exception>
    public double FrozenScale(int index, Tensor factor)
    {
        using var scope = NewDisposeScope();
        return Frozen(Rotated(index, factor)).diagonal().mean().to(float64).ReadNumber<double>();
    }

    /// <summary>How far a factor is from the theorem's form: its largest entry where the form has none.</summary>
    /// <remarks>Looks at both off-diagonal blocks and at the frozen block less its multiple of the identity.</remarks>
    /// <param name="index">Index of the factor in <see cref="MatrixModel.Factors"/>, from 0.</param>
    /// <param name="factor">That factor at any step, <c>[d, d]</c>.</param>
    /// <returns>A number, at least 0; rounding error where the theorem holds.</returns>
    /// <exception cref="ArgumentException">The index is out of range or the shape differs.</exception>
    public double Leak(int index, Tensor factor)
    {
        using var scope = NewDisposeScope();
        var rotated = Rotated(index, factor);
        var frozen = Frozen(rotated);
        frozen.diagonal().sub_(frozen.diagonal().mean());
        rotated.narrow(0, 0, 2 * Rank).narrow(1, 0, 2 * Rank).fill_(0);
        return rotated.abs().max().to(float64).ReadNumber<double>();
    }

    /// <summary>Frees the bases.</summary>
    public void Dispose()
    {
        foreach (var basis in _bases)
        {
            basis.Dispose();
        }
    }

    private Tensor Frozen(Tensor rotated) => rotated.narrow(0, 2 * Rank, FrozenCount).narrow(1, 2 * Rank, FrozenCount);

    private Tensor Rotated(int index, Tensor factor)
    {
        Check.InRange(index, 0, _bases.Length - 2);
        Check.Matrix(factor, _bases[0].shape[0], _bases[0].shape[0]);
        return _bases[index + 1].t().mm(factor).mm(_bases[index]);
    }
}
