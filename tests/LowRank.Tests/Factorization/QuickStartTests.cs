using LowRank.Factorization;
using LowRank.Tensors;

namespace LowRank.Tests.Factorization;

/// <summary>The example in the documentation of <see cref="GradientDescent"/>, as it stands there.</summary>
public sealed class QuickStartTests
{
    [Fact]
    public void Example_DeepFactorization_Fits()
    {
        var seed = Seed.From(0);
        using var target = Initialize.LowRank(60, 40, rank: 3, seed.For("target"));
        using var objective = new FullObjective(target);
        using var model = DeepFactorization.Create(60, 40, new(), seed.For("model"));
        using var small = Compression.FromFirstGradient(model, objective, rank: 3);
        var result = new GradientDescent(new()).Fit(
            small, objective, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(StopReason.ToleranceReached, result.StopReason);
    }
}
