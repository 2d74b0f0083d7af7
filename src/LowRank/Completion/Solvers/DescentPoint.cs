using System.Numerics;
using LowRank.Completion.Kernels;

namespace LowRank.Completion.Solvers;

/// <summary>The factors of a chain at one moment, and the step size that suits the data.</summary>
internal sealed record DescentPoint<T>(Tall<T> Left, double[][] Cores, Tall<T> Right, double StepSize)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public DescentPoint<T> Copy() =>
        new(Left.To<T>(), [.. Cores.Select(core => (double[])core.Clone())], Right.To<T>(), StepSize);
}
