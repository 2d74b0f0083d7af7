using LowRank.Experiments.Reproduction;
using LowRank.Experiments.Reproduction.Targets;
using LowRank.Factorization;
using LowRank.Tensors;
using LowRank.Testing;
using TorchSharp;

namespace LowRank.Experiments.Tests.Reproduction;

public sealed class WatchedDescentTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_StoppedAndGoneOn_IsTheRunThatWasNot(bool compressed)
    {
        var whole = Run(compressed, "whole", stopAt: null);
        CellResult? seen = null;
        Assert.Throws<OperationCanceledException>(() => Run(compressed, "parts", stopAt: 250, partial => seen = partial));
        Assert.False(seen!.Complete);
        Assert.Equal(250, seen.Numbers["iterations"]); // the check at which it was told to stop is kept
        var rest = Run(compressed, "parts", stopAt: null);
        Assert.Equal(Curve(whole), Curve(rest));
        Assert.Equal(whole.Series["entries"], rest.Series["entries"]);
        Assert.True(whole.Complete && rest.Complete);
        Assert.Equal(whole.Numbers["iterations"], rest.Numbers["iterations"]);
    }

    [Fact]
    public void Run_Snapshots_AreThoseAroundTheFall()
    {
        var result = Run(compressed: true, "fall", stopAt: null);
        var curve = result.Series["curve"];
        var fall = curve.First(row => row[1] < 0.99 * curve[0][1])[0];
        var steps = result.Series["entries"].Select(row => row[0]).ToList();
        Assert.Equal(2, steps.Count(step => step < fall));
        Assert.Equal(3, steps.Count(step => step >= fall));
        Assert.All(result.Series["entries"], row => Assert.Equal(1 + 2, row.Count));
    }

    private CellResult Run(bool compressed, string name, int? stopAt, Action<CellResult>? keep = null)
    {
        using var problem = MatrixProblem.Draw(12, 1, 0.6, Seed.From(3), torch.CPU);
        using var wide = DeepFactorization.Create(12, 12, new() { InitialScale = 0.05 }, Seed.From(4));
        using var small = Compression.FromFirstGradient(wide, problem.Train, 1);
        using var stop = new CancellationTokenSource();
        var context = new CellContext(1, _scratch[name], keep ?? (_ => { }), new Stopper(stop, stopAt), torch.CPU, stop.Token);
        return new WatchedDescent(new() { StepSize = 1, MaxSteps = 1_000, CheckEvery = 50, Tolerance = 1e-12 }, context)
        {
            Recovery = problem.Recovery,
            Entries = [0, 77],
            Snapshots = (2, 3),
            KeepEvery = TimeSpan.Zero,
        }.Run(compressed ? small : wide, problem.Train);
    }

    // The seconds differ.
    private static IEnumerable<(double, double, double)> Curve(CellResult result) =>
        result.Series["curve"].Select(row => (row[0], row[1], row[2]));

    private sealed class Stopper(CancellationTokenSource stop, int? at) : IProgress<CellProgress>
    {
        public void Report(CellProgress value)
        {
            if (value.Done == at)
            {
                stop.Cancel();
            }
        }
    }
}
