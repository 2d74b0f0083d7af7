using LowRank.Factorization;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>The paper's target matrix, wholly or partly known, with the losses of its experiments (docs/theory.md, 5).</summary>
internal sealed class MatrixProblem : IDisposable
{
    private MatrixProblem(Tensor target, Objective train, Objective? recovery) => (Target, Train, Recovery) = (target, train, recovery);

    /// <summary>The matrix <c>[size, size]</c>; owned by this object.</summary>
    public Tensor Target { get; }

    /// <summary>Half the mean over all entries of the squared residual on the known ones.</summary>
    public Objective Train { get; }

    /// <summary>The same on the others; null when all are known.</summary>
    public Objective? Recovery { get; }

    /// <summary>Draws it.</summary>
    /// <param name="size">Its side.</param>
    /// <param name="rank">Its rank.</param>
    /// <param name="observed">The share of known entries; 1 for all.</param>
    /// <param name="seed">Decides the matrix and the choice of entries; the same on each device.</param>
    /// <param name="device">Where it lies.</param>
    public static MatrixProblem Draw(int size, int rank, double observed, Seed seed, Device device)
    {
        var target = Initialize.LowRank(size, size, rank, seed.For("target"), device: device);
        if (observed >= 1)
        {
            return new(target, new FullObjective(target, LossScale.MeanOfEntries), null);
        }

        using var mask = Initialize.Mask(size, size, observed, seed.For("mask"), device);
        using var hidden = mask.logical_not();
        return new(
            target,
            new MaskedObjective(target, mask, LossScale.MeanOfEntries),
            new MaskedObjective(target, hidden, LossScale.MeanOfEntries));
    }

    public void Dispose()
    {
        Target.Dispose();
        Train.Dispose();
        Recovery?.Dispose();
    }
}
