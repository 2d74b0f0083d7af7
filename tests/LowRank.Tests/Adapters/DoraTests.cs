using LowRank.Adapters;
using LowRank.Tensors;
using LowRank.Testing;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LowRank.Tests.Adapters;

public sealed class DoraTests : IDisposable
{
    private const double Scale = 1.5;

    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly ToyEncoder _model = new(AdapterCases.Seed, ScalarType.Float64);
    private readonly AdapterSet _set;

    public DoraTests()
    {
        _set = AdapterSet.Attach(
            _model,
            new LoraOptions { Rank = 4, Alpha = 6, UseDora = true },
            TargetSelector.ByName("query"),
            AdapterCases.Seed);
        AdapterCases.Perturb(_set);
    }

    public void Dispose()
    {
        _set.Dispose();
        _model.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void Call_AndGradients_EqualTheDenseDefinition()
    {
        var (a, b, magnitude) = (Copy(0), Copy(1), Copy(2));
        var query = (Linear)_model.named_modules().Single(entry => entry.name == "query").module;
        var (weight, bias) = (query.weight!.detach(), query.bias!.detach());
        var x = Initialize.Gaussian(9, 12, AdapterCases.Seed);
        var shift = Initialize.Gaussian(9, 12, AdapterCases.Seed.For("shift"));

        // The paper's formula, every matrix formed; the lengths are constants to the gradient.
        var turned = weight + (Scale * b.mm(a));
        var lengths = turned.detach().norm(1, keepdim: true);
        var expected = x.mm((magnitude.unsqueeze(1) * turned / lengths).t()) + bias;
        (expected * shift).sum().backward();

        var actual = query.call(x);
        (actual * shift).sum().backward();
        Assert.True(actual.allclose(expected, rtol: 0, atol: 1e-12));
        foreach (var (dense, index) in new[] { a, b, magnitude }.Select((tensor, index) => (tensor, index)))
        {
            Assert.True(_set.Saved()[index].Value.grad!.allclose(dense.grad!, rtol: 0, atol: 1e-11));
        }

        var added = _set.Adapters[0].call(x) + x.mm(weight.t()) + bias;
        Assert.True(added.allclose(expected, rtol: 0, atol: 1e-12));
    }

    [Fact]
    public void Attach_OnAnEmbedding_SaysWhichLayer()
    {
        using var model = new ToyEncoder(AdapterCases.Seed);
        var error = Assert.Throws<ArgumentException>(() => AdapterSet.Attach(
            model, new LoraOptions { UseDora = true }, TargetSelector.AllDense(), AdapterCases.Seed));
        Assert.Contains("embeddings (embedding, 20 rows of 12)", error.Message, StringComparison.Ordinal);
    }

    private Tensor Copy(int index)
    {
        var copy = _set.Saved()[index].Value.detach().clone();
        copy.requires_grad = true;
        return copy;
    }
}
