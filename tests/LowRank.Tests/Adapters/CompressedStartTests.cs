using LowRank.Adapters;
using LowRank.Factorization;
using LowRank.Tensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LowRank.Tests.Adapters;

/// <summary>
/// What the compressed start is for: under gradient descent the small adapter takes the path of the wide one, which
/// starts from random orthogonal factors of full width.
/// </summary>
public sealed class CompressedStartTests
{
    private const double Scale = 0.01;
    private const int Steps = 500;

    private static readonly Seed Seed = Seed.From(5);

    [Theory]
    [InlineData(24, 24)]
    [InlineData(20, 32)]
    [InlineData(32, 20)]
    public void Descend_FromTheCompressedStart_LossesFollowTheWideModels(long inputs, long outputs)
    {
        using var scope = NewDisposeScope();
        using var linear = nn.Linear(inputs, outputs, hasBias: false, dtype: ScalarType.Float64);
        using var holder = new Holder(linear);
        using (no_grad())
        {
            linear.weight!.zero_();
        }

        // Orthogonal inputs and a target of rank 2 make the layer's loss a plain factorization of that target.
        var goal = Initialize.SemiOrthogonal(inputs, 2, Seed.For("a"))
            .mm(Initialize.SemiOrthogonal(2, outputs, Seed.For("b")));
        var x = Initialize.SemiOrthogonal(inputs, inputs, Seed.For("x"));
        Tensor Loss() => (linear.call(x) - x.mm(goal)).pow(2).sum() / 2;

        var options = new DeepLoraOptions { InitialScale = Scale, Form = DeepLoraForm.Wide };
        List<double> wide;
        Tensor map;
        using (var set = AdapterSet.Attach(holder, options, TargetSelector.ByName("layer"), Seed))
        {
            map = set.Adapters[0].Delta() / Math.Pow(Scale, 3);
            wide = Descend(set, Loss);
        }

        // The same random map as the wide model's, and the gradient at no update.
        var small = options with { Rank = 4, Form = DeepLoraForm.Compressed, OuterRateRatio = 0 };
        var layer = AdaptedLayer.AllOf(holder).Single();
        using var outer = Compression.FromProductGradient(-goal.t(), map, 2);
        using var compressed = AdapterSet.Attach(holder, small, [DeepLora.FromOuterFactors(layer, small, outer)], []);
        var losses = Descend(compressed, Loss);

        Assert.InRange(losses[^1], 0, 1e-10);
        Assert.InRange(wide[^1], 0, 1e-9);
        if (inputs != outputs)
        {
            // The theorem is one of square layers (RectangularTests has the exact form of the others): here the small
            // adapter is a little ahead, by so much of a loss of 1 in the first 200 steps.
            Assert.All(wide.Zip(losses).Take(200), pair => Assert.InRange(pair.First - pair.Second, 0, 3e-6));
            Assert.True(losses.FindIndex(loss => loss < 0.4) <= wide.FindIndex(loss => loss < 0.4));
            return;
        }

        // The wide model's frozen directions, (24 - 4) / 2 · ε^6, are the whole gap until the loss falls in a few
        // steps, where the error of taking the gradient at no update, of order ε^3, shows once.
        const double frozen = 1e-11;
        Assert.Equal(frozen, wide[0] - losses[0], 0.01 * frozen);
        Assert.All(
            wide.Zip(losses).Take(300), pair => Assert.InRange(pair.First - pair.Second, -frozen, 1.01 * frozen));
        Assert.All(wide.Zip(losses), pair => Assert.InRange(pair.First - pair.Second, -1e-6, 1e-6));
        Assert.Equal(frozen, wide[^1] - losses[^1], 0.01 * frozen);
    }

    private static List<double> Descend(AdapterSet set, Func<Tensor> loss)
    {
        var losses = new List<double>();
        for (var step = 0; step < Steps; step++)
        {
            using var scope = NewDisposeScope();
            var value = loss();
            losses.Add(value.item<double>());
            value.backward();
            using var gradients = no_grad();
            foreach (var parameter in set.Trained())
            {
                parameter.Value.sub_(parameter.Value.grad! * 0.3);
                parameter.Value.grad = null;
            }
        }

        return losses;
    }

    private sealed class Holder : nn.Module
    {
        public Holder(Linear layer)
            : base(nameof(Holder)) => register_module("layer", layer);
    }
}
