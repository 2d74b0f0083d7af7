using LowRank.Tensors;

namespace LowRank.Tests.Tensors;

public sealed class TeamTests
{
    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    [InlineData(1000, 1)]
    [InlineData(1000, 2)]
    [InlineData(1000, 5)]
    public void Run_AnyThreads_DoesEachUnitOnceAndClosesWhatItOpens(int units, int threads)
    {
        var done = new int[units];
        var open = 0;
        Team.Run(units, threads, () => Interlocked.Increment(ref open), (unit, _) => done[unit]++, _ => Interlocked.Decrement(ref open));
        Assert.All(done, count => Assert.Equal(1, count));
        Assert.Equal(0, open);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Run_FaultInAUnit_IsThrownToTheCaller(int threads)
    {
        void Run() => Team.Run(
            100, threads, () => 0, (unit, _) => Assert.NotEqual(40, unit), _ => { });
        var fault = Record.Exception(Run);
        Assert.Contains("40", (fault is AggregateException all ? all.InnerException : fault)?.Message, StringComparison.Ordinal);
        Team.Run(100, threads, () => 0, (_, _) => { }, _ => { });
    }
}
