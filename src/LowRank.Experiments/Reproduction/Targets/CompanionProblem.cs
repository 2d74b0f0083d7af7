using LowRank.Factorization;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>The earlier paper's target matrix, what is known of it, and the surrogate that shows its subspaces.</summary>
internal sealed class CompanionProblem : IDisposable
{
    private readonly double _norm;
    private readonly bool _relative;

    private CompanionProblem(Tensor target, Objective train, Objective? recovery, Tensor surrogate, bool relative)
    {
        (Train, Recovery, Surrogate, _relative) = (train, recovery, surrogate, relative);
        _norm = Math.Sqrt(target.square().sum().ReadNumber<double>());
    }

    /// <summary>Half the mean over the known entries of the squared residual, or half the sum over the measurements.</summary>
    public Objective Train { get; }

    /// <summary>Half the mean over the unknown entries, or half the squared distance; null when all entries are known.</summary>
    public Objective? Recovery { get; }

    /// <summary>The matrix <c>[size, size]</c> whose leading singular vectors the compressed network starts with.</summary>
    public Tensor Surrogate { get; }

    /// <summary>Draws it.</summary>
    /// <param name="setup">Size, rank and what is known.</param>
    /// <param name="spread">
    /// Whether the target keeps every d/(2r)-th singular triplet of a Gaussian matrix from the largest on; else the r largest.
    /// </param>
    /// <param name="seed">Decides the matrix and what is known of it; the same on each device.</param>
    /// <param name="device">Where it lies.</param>
    public static CompanionProblem Draw(CompanionSetup setup, bool spread, Seed seed, Device device)
    {
        using var scope = NewDisposeScope();
        var target = Target(setup, spread, seed.For("target")).to(device);
        return setup.Measurements > 0 ? Sensing(setup, target, seed) : Completion(setup, target, seed);
    }

    /// <summary>The recovery error as the earlier paper has it.</summary>
    /// <param name="loss">What <see cref="Recovery"/> gave.</param>
    /// <returns>The loss itself, or for measurements the distance over the target's norm.</returns>
    public double ErrorOf(double loss) => _relative ? Math.Sqrt(2 * loss) / _norm : loss;

    public void Dispose()
    {
        Train.Dispose();
        Recovery?.Dispose();
        Surrogate.Dispose();
    }

    private static Tensor Target(CompanionSetup setup, bool spread, Seed seed)
    {
        var (left, values, right) = linalg.svd(Initialize.Gaussian(setup.Size, setup.Size, seed), fullMatrices: false);
        var picked = tensor(Enumerable.Range(0, setup.Rank)
            .Select(place => spread ? (long)place * setup.Size / (2 * setup.Rank) : place).ToArray());
        return (left.index_select(1, picked) * values.index_select(0, picked)).mm(right.index_select(0, picked));
    }

    private static CompanionProblem Completion(CompanionSetup setup, Tensor target, Seed seed)
    {
        if (setup.Observed >= 1)
        {
            return new(target, new FullObjective(target, LossScale.MeanOfEntries), null, target.DetachFromDisposeScope(), relative: false);
        }

        var mask = Initialize.Mask(setup.Size, setup.Size, setup.Observed, seed.For("mask"), target.device);
        return new(
            target,
            new MaskedObjective(target, mask, LossScale.MeanOfObserved),
            new MaskedObjective(target, mask.logical_not(), LossScale.MeanOfObserved),
            (target * mask / setup.Observed).DetachFromDisposeScope(),
            relative: false);
    }

    private static CompanionProblem Sensing(CompanionSetup setup, Tensor target, Seed seed)
    {
        var operators = Initialize.Gaussian(
            setup.Measurements, (long)setup.Size * setup.Size, seed.For("operators"), 1.0 / setup.Measurements, device: target.device);
        var measured = operators.mv(target.reshape(-1));
        var surrogate = operators.t().mv(measured).div(setup.Measurements).view(setup.Size, setup.Size);
        return new(
            target,
            new SensingObjective(operators.view(setup.Measurements, setup.Size, setup.Size), measured),
            new FullObjective(target),
            surrogate.DetachFromDisposeScope(),
            relative: true);
    }
}
