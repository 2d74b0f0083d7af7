using CsCheck;
using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using TorchSharp;

namespace LowRank.Transformers.Tests.Blocks;

public sealed class AttentionProperties
{
    private static readonly Gen<Case> Cases = Gen.Select(
        Gen.Int[1, 40].Array[1, 6],
        Gen.Int[1, 4],
        Gen.Int[1, 35],
        Gen.Enum<Sight>(),
        Gen.Bool,
        Gen.Bool,
        Gen.Long,
        (lengths, heads, width, sight, drops, biased, seed) =>
            new Case(lengths, heads, width, sight, drops ? 0.3 : 0, biased, seed));

    public enum Sight
    {
        All,
        FirstOnly,
        Causal,
        Cross,
    }

    [Fact]
    public void PackedAttention_AnyShape_EqualsTheReferenceAndItsGradients() => Cases.Sample(
        test =>
        {
            using var scope = torch.NewDisposeScope();
            var shape = test.Shape();
            var packed = Run(test, shape, PackedAttention.Attend);
            var padded = Run(test, shape, PaddedAttention.Attend);
            for (var i = 0; i < packed.Length; i++)
            {
                Assert.True(torch.allclose(padded[i], packed[i], 1e-4, 1e-5), $"result {i}");
            }
        },
        iter: 120,
        threads: 1);

    [Fact]
    public void PackedAttention_AnyThreads_GivesTheSameBits()
    {
        using var scope = torch.NewDisposeScope();
        var test = new Case([7, 19, 3, 33], 4, 16, Sight.Causal, 0.1, true, 1);
        var shape = test.Shape();
        var first = Run(test, shape, PackedAttention.Attend);
        for (var again = 0; again < 5; again++)
        {
            var next = Run(test, shape, PackedAttention.Attend);
            Assert.All(first.Zip(next), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>()));
        }
    }

    [Fact]
    public void PackedAttention_FrozenBias_GivesTheOtherGradientsAlone()
    {
        using var scope = torch.NewDisposeScope();
        var shape = new Case([3, 5], 2, 4, Sight.Causal, 0, true, 1).Shape();
        var inputs = Inputs(3, shape, torch.ScalarType.Float32);
        using var frozen = inputs[3].detach();
        PackedAttention.Attend(inputs[0], inputs[1], inputs[2], shape, frozen).sum().backward();
        Assert.Null(frozen.grad);
        Assert.NotNull(inputs[0].grad);
    }

    [Theory]
    [InlineData(Sight.All)]
    [InlineData(Sight.Causal)]
    public void PaddedAttention_Float64_PassesFiniteDifferences(Sight sight)
    {
        using var scope = torch.NewDisposeScope();
        var shape = new Case([3, 1, 4], 2, 3, sight, 0.2, true, 5).Shape();
        var inputs = Inputs(5, shape, torch.ScalarType.Float64);
        torch.Tensor Loss() =>
            PaddedAttention.Attend(inputs[0], inputs[1], inputs[2], shape, inputs[3]).square().sum();
        Loss().backward();
        foreach (var input in inputs)
        {
            var gradient = input.grad!;
            using var frozen = torch.no_grad();
            const double Step = 1e-6;
            input[1, 2] += Step;
            var above = Loss().item<double>();
            input[1, 2] -= 2 * Step;
            var below = Loss().item<double>();
            input[1, 2] += Step;
            Assert.Equal((above - below) / (2 * Step), gradient[1, 2].item<double>(), 1e-6);
        }
    }

    private static torch.Tensor[] Inputs(long seed, AttentionShape shape, torch.ScalarType dtype)
    {
        using var generator = Seed.From(seed).Generator();
        torch.Tensor Draw(long rows, long columns) =>
            torch.randn([rows, columns], dtype, generator: generator).requires_grad_();
        long Rows(RowLayout layout) => Enumerable.Range(0, layout.Texts).Sum(layout.Length);
        var (queries, keys) = (Rows(shape.Queries), Rows(shape.Keys));
        return
        [
            Draw(queries, shape.Width), Draw(keys, shape.Width), Draw(keys, shape.Width),
            Draw(shape.Heads, shape.BiasColumns),
        ];
    }

    private static torch.Tensor[] Run(
        Case test,
        AttentionShape shape,
        Func<torch.Tensor, torch.Tensor, torch.Tensor, AttentionShape, torch.Tensor?, torch.Tensor> attend)
    {
        var inputs = Inputs(test.Seed, shape, torch.ScalarType.Float32);
        var output = attend(inputs[0], inputs[1], inputs[2], shape, test.Biased ? inputs[3] : null);
        var weights = torch.arange(output.numel(), torch.ScalarType.Float32).sin().view(output.shape);
        (output * weights).sum().backward();
        return [output.detach(), .. inputs.Take(test.Biased ? 4 : 3).Select(input => input.grad!)];
    }

    private sealed record Case(
        int[] Lengths, int Heads, int Width, Sight Sight, double Rate, bool Biased, long Seed)
    {
        public AttentionShape Shape()
        {
            var keys = Packed(Lengths);
            var queries = Sight switch
            {
                Sight.FirstOnly => RowLayout.Uniform(Lengths.Length, 1),
                Sight.Cross => Packed([.. Lengths.Reverse()]),
                _ => keys,
            };
            return new AttentionShape(queries, keys, Heads, Width, Rate, Tensors.Seed.From(9))
            {
                Causal = Sight == Sight.Causal,
                Scale = Biased ? 0.7f : 1 / MathF.Sqrt(Width),
            };
        }

        private static RowLayout Packed(int[] lengths) =>
            RowLayout.Packed([0, .. lengths.Select((_, i) => lengths.Take(i + 1).Sum())]);
    }
}
