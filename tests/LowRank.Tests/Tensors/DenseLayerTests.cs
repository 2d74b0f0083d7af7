using LowRank.Tensors;
using LowRank.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace LowRank.Tests.Tensors;

/// <summary>Products by panels are libtorch's products, and the layer on them is a linear layer.</summary>
public sealed class DenseLayerTests
{
    // Sums of up to 1700 products of numbers near 1, against double precision.
    private const double Tolerance = 5e-4;

    /// <summary>Rows, inputs and outputs on both sides of every block size: 8, 16, 48, 96, 384.</summary>
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 1, 1, 1 },
        { 8, 16, 48 },
        { 16, 384, 96 },
        { 17, 31, 47 },
        { 23, 100, 50 },
        { 40, 385, 97 },
        { 65, 1700, 290 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Multiply_AnyShape_IsTheProduct(int rows, int inputs, int outputs)
    {
        Assert.SkipUnless(PanelProduct.IsSupported, "this processor has no 512-bit vectors");
        using var scope = NewDisposeScope();
        var (x, w) = (Draw("x", rows, inputs), Draw("w", outputs, inputs));
        var wanted = x.to(ScalarType.Float64).mm(w.t().to(ScalarType.Float64));
        Assert.True(Distance(wanted, FrozenProduct.Multiply(x, w, transposed: true)) < Tolerance);
        Assert.True(Distance(wanted, FrozenProduct.Multiply(x, w.t().contiguous(), transposed: false)) < Tolerance);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Call_FrozenLayer_HasTheOutputAndGradientOfALinearOne(bool hasBias)
    {
        using var scope = NewDisposeScope();
        using var layer = Layer(hasBias);
        foreach (var shape in new long[][] { [3, 70], [40, 70], [5, 8, 70] })
        {
            var one = Draw("x", shape).requires_grad_();
            var other = one.detach().to(ScalarType.Float64).requires_grad_();
            var output = layer.call(one);
            var wanted = nn.functional.linear(
                other, layer.Weight.to(ScalarType.Float64), layer.Bias?.to(ScalarType.Float64));
            Assert.True(Distance(wanted, output) < Tolerance);
            output.sin().sum().backward();
            wanted.sin().sum().backward();
            Assert.True(Distance(other.grad!, one.grad!) < Tolerance);
        }
    }

    [Fact]
    public void Call_LearningLayer_GivesItsWeightAGradient()
    {
        using var scope = NewDisposeScope();
        using var layer = Layer(hasBias: true);
        layer.Weight.requires_grad = true;
        var x = Draw("x", 40, 70);
        layer.call(x).sum().backward();
        Assert.InRange(Distance(x.sum(dim: 0).to(ScalarType.Float64), layer.Weight.grad![0]), 0, Tolerance);
    }

    [Fact]
    public void Backward_FrozenLayers_LeavesNoTensor()
    {
        using var layer = Layer(hasBias: true);
        LeakGate.Closed(() =>
        {
            using var scope = NewDisposeScope();
            var x = Draw("x", 40, 70).requires_grad_();
            layer.call(x).sum().backward();
            layer.call(x).sum().backward();
        });
    }

    private static DenseLayer Layer(bool hasBias)
    {
        var layer = new DenseLayer(70, 100, hasBias);
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        layer.Weight.copy_(Draw("w", 100, 70));
        layer.Weight.requires_grad = false;
        if (layer.Bias is { } bias)
        {
            bias.copy_(Draw("b", 100));
            bias.requires_grad = false;
        }

        return layer;
    }

    private static Tensor Draw(string name, params long[] shape)
    {
        using var generator = Seed.From(3).For(name).Generator();
        return randn(shape, generator: generator);
    }

    private static double Distance(Tensor wanted, Tensor got) => (wanted - got.detach()).abs().max().ToDouble();
}
