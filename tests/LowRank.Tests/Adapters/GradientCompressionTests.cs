using LowRank.Adapters;
using LowRank.Tensors;
using LowRank.Testing;
using static TorchSharp.torch;

namespace LowRank.Tests.Adapters;

public sealed class GradientCompressionTests : IDisposable
{
    private readonly ToyEncoder _model = new(AdapterCases.Seed, ScalarType.Float64);
    private readonly Tensor _ids = ToyEncoder.Ids(AdapterCases.Seed.For("ids"), 40);

    public void Dispose()
    {
        _model.Dispose();
        _ids.Dispose();
    }

    [Fact]
    public void LeadingVectors_OfEveryKindOfLayer_EqualTheDenseGradients()
    {
        using var scope = NewDisposeScope();
        AdapterCases.Loss(_model, _ids).backward();
        foreach (var layer in AdaptedLayer.AllOf(_model))
        {
            var dense = layer.IsEmbedding ? layer.Weight.grad!.t() : layer.Weight.grad!;
            AssertLeading(dense, Leading(layer, () => AdapterCases.Loss(_model, _ids), _model, 2), 2, 1e-9);
        }
    }

    [Theory]
    [InlineData(200, 150)]
    [InlineData(150, 400)]
    public void LeadingVectors_OfAWideLayer_EqualTheDenseGradients(long inputs, long outputs)
    {
        using var scope = NewDisposeScope();
        using var linear = nn.Linear(inputs, outputs, dtype: ScalarType.Float64);
        var decay = pow(0.7, arange(60, dtype: ScalarType.Float64)).unsqueeze(1);
        var x = Initialize.Gaussian(60, inputs, AdapterCases.Seed.For("x")) * decay;
        var target = Initialize.Gaussian(60, outputs, AdapterCases.Seed.For("y"));
        Tensor Loss() => (linear.call(x) * target).sum();
        Loss().backward();
        var layer = AdaptedLayer.From("linear", linear)!;
        AssertLeading(layer.Weight.grad!, Leading(layer, Loss, linear, 4), 4, 1e-9);
    }

    [Fact]
    public void Find_Factors_SpanTheGradientAndHaveTheSquareShapesLengths()
    {
        using var scope = NewDisposeScope();
        var layers = TargetSelector.ByName("query").Select(_model);
        var found = GradientCompression.Find(
            _model, layers, 6, AdapterCases.Seed, [() => AdapterCases.Loss(_model, _ids)]);
        using var outer = found["query"];
        Assert.Equal([12L, 6L], outer.Left.shape);
        Assert.Equal([6L, 12L], outer.Right.shape);
        var identity = eye(6, dtype: ScalarType.Float64);
        Assert.True((outer.Left.t().mm(outer.Left) - identity).abs().max().item<double>() < 1e-12);
        Assert.True((outer.Right.mm(outer.Right.t()) - identity).abs().max().item<double>() < 1e-12);
    }

    [Fact]
    public void Find_Always_LeavesTheModelAsItWas()
    {
        _model.train();
        LeakGate.Closed(() =>
        {
            var found = GradientCompression.Find(
                _model,
                TargetSelector.AllDense().Select(_model, ["classifier"]),
                4,
                AdapterCases.Seed,
                [() => AdapterCases.Loss(_model, _ids), () => AdapterCases.Loss(_model, _ids)]);
            found.Values.ToList().ForEach(outer => outer.Dispose());
        });
        Assert.True(_model.training);
        Assert.All(_model.parameters(), parameter => Assert.True(parameter.requires_grad && parameter.grad is null));
    }

    [Fact]
    public void LeadingVectors_OfALayerUsedTwiceAndTwoBatches_SumThemUp()
    {
        using var scope = NewDisposeScope();
        using var linear = nn.Linear(40, 40, dtype: ScalarType.Float64);
        var x = Initialize.Gaussian(9, 40, AdapterCases.Seed.For("x"));
        Tensor Loss() => linear.call(linear.call(x).sin()).pow(2).sum();
        Tensor Other() => linear.call(x * 2).cos().sum();
        (Loss() + Other()).backward();
        var layer = AdaptedLayer.From("linear", linear)!;
        (Tensor U, Tensor V) found = default;
        GradientCompression.Observe(linear, [layer], [Loss, Other], gradient =>
        {
            var (u, v) = gradient.LeadingVectors(3, AdapterCases.Seed);
            found = (u.DetachFromDisposeScope(), v.DetachFromDisposeScope());
        });
        AssertLeading(layer.Weight.grad!, found, 3, 1e-9);
    }

    [Fact]
    public void Find_RankTooLarge_SaysWhatWentWrong()
    {
        var error = Assert.Throws<InvalidOperationException>(() => GradientCompression.Find(
            _model,
            TargetSelector.ByName("query").Select(_model),
            14,
            AdapterCases.Seed,
            [() => AdapterCases.Loss(_model, _ids)]));
        Assert.Contains("compressed: rank: got 7; wanted at most 6", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_LayerOutsideTheLoss_NamesIt()
    {
        var error = Assert.Throws<InvalidOperationException>(() => GradientCompression.Find(
            _model,
            TargetSelector.ByName("query", "dense").Select(_model),
            4,
            AdapterCases.Seed,
            [() => _model.get_parameter("query.weight")!.sum()]));
        Assert.Contains("2 layers took no part in the loss, such as query", error.Message, StringComparison.Ordinal);
    }

    private static (Tensor U, Tensor V) Leading(AdaptedLayer layer, Func<Tensor> loss, nn.Module model, int count)
    {
        (Tensor U, Tensor V) found = default;
        GradientCompression.Observe(model, [layer], [loss], gradient =>
        {
            var (u, v) = gradient.LeadingVectors(count, AdapterCases.Seed);
            found = (u.DetachFromDisposeScope(), v.DetachFromDisposeScope());
        });
        return found;
    }

    private static void AssertLeading(Tensor dense, (Tensor U, Tensor V) found, int count, double tolerance)
    {
        var (u, _, vt) = linalg.svd(dense, fullMatrices: false);
        AssertSameSpan(u.narrow(1, 0, count), found.U, tolerance);
        AssertSameSpan(vt.narrow(0, 0, count).t(), found.V, tolerance);
    }

    private static void AssertSameSpan(Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        var gap = (expected.mm(expected.t()) - actual.mm(actual.t())).abs().max().item<double>();
        Assert.True(gap < tolerance, $"The projectors differ by {gap}.");
    }
}
