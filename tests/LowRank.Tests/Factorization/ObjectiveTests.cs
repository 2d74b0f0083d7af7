using LowRank.Factorization;
using static TorchSharp.torch;

namespace LowRank.Tests.Factorization;

public sealed class ObjectiveTests
{
    private static readonly Tensor Target = tensor(new[,] { { 1.0, 2.0, 0.0 }, { 0.0, -1.0, 4.0 } });
    private static readonly Tensor Product = tensor(new[,] { { 2.0, 2.0, 3.0 }, { 0.0, 1.0, 4.0 } });
    private static readonly Tensor Mask = tensor(new[,] { { true, true, false }, { false, true, true } });

    [Theory]
    [InlineData(LossScale.Sum, 7.0)]
    [InlineData(LossScale.MeanOfEntries, 7.0 / 6)]
    [InlineData(LossScale.MeanOfObserved, 7.0 / 6)]
    public void FullLoss_EachScale_IsHalfTheSquaresOverIt(LossScale scale, double expected)
    {
        using var objective = new FullObjective(Target, scale);
        Assert.Equal(expected, objective.Loss(Product), 1e-15);
    }

    [Theory]
    [InlineData(LossScale.Sum, 2.5)]
    [InlineData(LossScale.MeanOfEntries, 2.5 / 6)]
    [InlineData(LossScale.MeanOfObserved, 2.5 / 4)]
    public void MaskedLoss_EachScale_IsHalfTheSeenSquaresOverIt(LossScale scale, double expected)
    {
        using var objective = new MaskedObjective(Target, Mask, scale);
        Assert.Equal(4, objective.ObservedCount);
        Assert.Equal(expected, objective.Loss(Product), 1e-15);
    }

    [Fact]
    public void MaskedLoss_OppositeMasks_AddToTheFullLoss()
    {
        using var seen = new MaskedObjective(Target, Mask, LossScale.MeanOfEntries);
        using var unseen = new MaskedObjective(Target, Mask.logical_not(), LossScale.MeanOfEntries);
        using var full = new FullObjective(Target, LossScale.MeanOfEntries);
        Assert.Equal(full.Loss(Product), seen.Loss(Product) + unseen.Loss(Product), 1e-15);
    }

    [Fact]
    public void MaskedObjective_UnknownEntriesAreNaN_AreIgnored()
    {
        using var holes = Target.clone();
        holes[0, 2] = double.NaN;
        using var objective = new MaskedObjective(holes, Mask);
        Assert.Equal(2.5, objective.Loss(Product), 1e-15);
        using var gradient = objective.Gradient(Product);
        Assert.Equal(0, gradient[0, 2].item<double>());
        Assert.Equal(2, gradient[1, 1].item<double>());
    }

    [Fact]
    public void SensingLoss_EntriesAsMeasurements_IsTheMaskedLoss()
    {
        using var operators = zeros(2, 2, 3, dtype: float64);
        operators[0, 0, 0] = 1;
        operators[1, 1, 1] = 1;
        using var measured = tensor(new[] { 1.0, -1.0 });
        using var sensing = new SensingObjective(operators, measured);
        Assert.Equal((2, 3), (sensing.Rows, sensing.Columns));
        Assert.Equal(2.5, sensing.Loss(Product), 1e-15);
        using var mean = new SensingObjective(operators, measured, LossScale.MeanOfObserved);
        Assert.Equal(1.25, mean.Loss(Product), 1e-15);
    }

    [Fact]
    public void Gradient_Product_IsLeftUnchanged()
    {
        using var product = Product.clone();
        using var objective = new FullObjective(Target);
        using var gradient = objective.Gradient(product);
        Assert.Equal(0, (product - Product).abs().max().item<double>());
        Assert.Equal(0, (gradient - (Product - Target)).abs().max().item<double>());
    }

    [Fact]
    public void Target_ChangedAfterwards_DoesNotMatter()
    {
        using var target = Target.clone();
        using var objective = new FullObjective(target);
        target.fill_(9);
        Assert.Equal(7, objective.Loss(Product), 1e-15);
    }

    [Fact]
    public void Loss_SinglePrecision_SumsInDouble()
    {
        // 4,000,000 residuals of 1 + 2^-12: a sum in single precision would lose the last digits.
        using var target = zeros(2000, 2000);
        using var product = full(2000, 2000, 1 + Math.Pow(2, -12), dtype: float32);
        using var objective = new FullObjective(target);
        var square = Math.Pow(1 + Math.Pow(2, -12), 2);
        Assert.Equal(1, objective.Loss(product) / (2_000_000 * square), 1e-7);
    }

    [Fact]
    public void Faults_NamedWithGotAndWanted()
    {
        using var infinite = full(2, 3, double.PositiveInfinity, dtype: float64);
        using var none = zeros(2, 3, dtype: ScalarType.Bool);
        using var whole = ones(2, 3, dtype: int64);
        using var small = ones(2, 2, dtype: float64);
        using var objective = new FullObjective(Target);
        Assert.Contains("target: got NaN or infinite", Message(() => new FullObjective(infinite)));
        Assert.Contains("target: got NaN or infinite", Message(() => new MaskedObjective(infinite, Mask)));
        Assert.Contains("mask: got no known entry", Message(() => new MaskedObjective(Target, none)));
        Assert.Contains(
            "mask: got Int64 [2, 3]; wanted Bool [2, 3].", Message(() => new MaskedObjective(Target, whole)));
        Assert.Contains("got shape [2, 2]; wanted a matrix [2, 3]", Message(() => objective.Loss(small)));
        Assert.Contains("wanted floating-point [measurements", Message(() => new SensingObjective(Target, Target)));
        Assert.Contains("scale: got 9", Message(() => new FullObjective(Target, (LossScale)9)));

        static string Message(Func<object> action) => Assert.ThrowsAny<ArgumentException>(action).Message;
    }
}
