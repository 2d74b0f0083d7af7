using LowRank.Factorization;
using LowRank.Tensors;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>Completion by descent on whole matrices, as the authors' code does it: the way of other devices.</summary>
/// <remarks>
/// The loops over the known entries alone are faster, and the CPU's. Matrix and known entries are those of theirs; the start
/// is drawn from the wide network, as in the paper.
/// </remarks>
/// <param name="Size">The matrix's side.</param>
/// <param name="Rank">Its rank.</param>
/// <param name="Observed">The share of known entries.</param>
/// <param name="Depth">The wide network's factors.</param>
/// <param name="InitialScale">Its initial scale.</param>
internal sealed record DenseCompletion(int Size, int Rank, double Observed, int Depth, double InitialScale)
{
    /// <summary>Descends on the compressed network, or on a narrow one of the same width.</summary>
    /// <param name="estimate">The estimated rank; the width is twice that.</param>
    /// <param name="narrow">Whether it is the narrow one.</param>
    /// <param name="options">The descent.</param>
    /// <param name="seed">Decides the matrix, the known entries and the start.</param>
    /// <param name="context">What the run was given.</param>
    /// <returns>The numbers of <see cref="WatchedDescent.Run"/>.</returns>
    public CellResult Run(int estimate, bool narrow, DescentOptions options, Seed seed, CellContext context)
    {
        using var problem = MatrixProblem.Draw(Size, Rank, Observed, seed, context.Device);
        using MatrixModel model = narrow ? Drawn(2 * estimate, seed, context) : Compressed(estimate, problem.Train, seed, context);
        var result = new WatchedDescent(options, context) { Recovery = problem.Recovery }.Run(model, problem.Train);
        return result with { Series = new Dictionary<string, IReadOnlyList<IReadOnlyList<double>>>() };
    }

    private CompressedFactorization Compressed(int estimate, Objective objective, Seed seed, CellContext context)
    {
        using var wide = Drawn(Size, seed, context);
        return Compression.FromFirstGradient(wide, objective, estimate);
    }

    private DeepFactorization Drawn(int width, Seed seed, CellContext context) => DeepFactorization.Create(
        Size, Size, new() { Depth = Depth, Width = width, InitialScale = InitialScale, Device = context.Device }, seed.For("model"));
}
