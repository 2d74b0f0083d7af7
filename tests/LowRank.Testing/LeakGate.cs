using TorchSharp;
using Xunit;

namespace LowRank.Testing;

/// <summary>Fails a test whose work leaves tensors alive on this thread.</summary>
public static class LeakGate
{
    /// <summary>Runs the work once to warm up, then again, and compares the live tensors before and after.</summary>
    public static void RequireBalanced(Action work)
    {
        work();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        work();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
