using TorchSharp;
using Xunit;

namespace LowRank.Testing;

/// <summary>Requires that an operation leaves the number of live tensors of its thread as it was.</summary>
/// <remarks>The count is exact per thread and is not lowered by finalizers, so a dropped tensor always shows.</remarks>
public static class LeakGate
{
    /// <summary>Runs work that gives no tensor away and fails when a tensor outlives it.</summary>
    /// <param name="work">Disposes whatever it makes.</param>
    public static void Closed(Action work) => Leaves(0, work);

    /// <summary>Runs work and fails unless exactly so many more tensors live afterwards.</summary>
    /// <param name="expected">
    /// Tensors the work is meant to leave alive, such as the state of a model it returns.
    /// </param>
    /// <param name="work">The operation.</param>
    public static void Leaves(long expected, Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        work();
        var left = DisposeScopeManager.Statistics.ThreadTotalLiveCount - before;
        Assert.True(left == expected, $"Live tensors: {left} more than before; wanted {expected}.");
    }
}
