using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using TorchSharp;
using static TorchSharp.torch;

namespace LowRank.Transformers.Tests.Blocks;

/// <summary>The norm and the loss that do in one pass what libtorch does in many give the same numbers.</summary>
public sealed class FusedOperationTests
{
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData(1, 16)]
    [InlineData(33, 64)]
    [InlineData(50, 768)]
    public void FrozenNorm_OutputAndGradient_AreThoseOfTheFormula(int rows, int width)
    {
        using var scope = NewDisposeScope();
        var (x, weight, pull) = (Draw("x", rows, width), Draw("w", width), Draw("g", rows, width));
        var one = x.clone().requires_grad_();
        var other = x.to(ScalarType.Float64).requires_grad_();
        Assert.True(FrozenNorm.Takes(one, weight));
        var got = FrozenNorm.Apply(one, weight, 1e-6f);
        var wanted = other * (other.square().mean([-1], keepdim: true) + 1e-6).rsqrt() * weight;
        Assert.True(Distance(wanted, got) < Tolerance);
        (got * pull).sum().backward();
        (wanted * pull).sum().backward();
        Assert.True(Distance(other.grad!, one.grad!) < Tolerance);
    }

    [Theory]
    [InlineData(1, 5, 0)]
    [InlineData(30, 1003, 0)]
    [InlineData(30, 1003, 0.1)]
    public void TokenLoss_ValueAndGradients_AreThoseOfCrossEntropy(int rows, int width, double smoothing)
    {
        using var scope = NewDisposeScope();
        using var generator = Seed.From(4).Generator();
        var labels = randint(0, width, [rows], dtype: ScalarType.Int64, generator: generator);
        var (x, mix) = (Draw("x", rows, 12) * 3, Draw("m", 12, width));
        var one = x.clone().requires_grad_();
        var other = x.to(ScalarType.Float64).requires_grad_();
        var got = TokenLoss.Of(one.mm(mix), labels, smoothing);
        var wanted = nn.functional.cross_entropy(
            other.mm(mix.to(ScalarType.Float64)), labels, label_smoothing: smoothing);
        Assert.Equal(wanted.ToDouble(), got.ToDouble(), Tolerance);
        got.backward(retain_graph: true);
        (wanted * 3).backward();
        (got * 2).backward();
        Assert.True(Distance(other.grad!, one.grad!) < Tolerance);
    }

    private static Tensor Draw(string name, params long[] shape)
    {
        using var generator = Seed.From(3).For(name).Generator();
        return randn(shape, generator: generator);
    }

    private static double Distance(Tensor wanted, Tensor got) => (wanted - got.detach()).abs().max().ToDouble();
}
