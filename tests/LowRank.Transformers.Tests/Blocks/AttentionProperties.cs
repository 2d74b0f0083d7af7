using CsCheck;
using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using TorchSharp;

namespace LowRank.Transformers.Tests.Blocks;

public sealed class AttentionProperties
{
    private static readonly Gen<(int[] Lengths, int Heads, int Width, bool FirstOnly, bool Drops, long Seed)> Cases =
        Gen.Select(Gen.Int[1, 40].Array[1, 6], Gen.Int[1, 4], Gen.Int[1, 35], Gen.Bool, Gen.Bool, Gen.Long);

    [Fact]
    public void PackedAttention_AnyShape_EqualsTheReferenceAndItsGradients() => Cases.Sample(
        test =>
        {
            using var scope = torch.NewDisposeScope();
            var (batch, shape) = Shape(test.Lengths, test.Heads, test.Width, test.FirstOnly, test.Drops ? 0.3 : 0);
            var packed = Run(test.Seed, shape, (q, k, v) => PackedAttention.Attend(q, k, v, shape));
            var padded = Run(test.Seed, shape, (q, k, v) => PaddedAttention.Attend(q, k, v, batch, shape));
            for (var i = 0; i < packed.Length; i++)
            {
                Assert.True(torch.allclose(padded[i], packed[i], 1e-4, 1e-5), $"result {i}");
            }
        },
        iter: 60,
        threads: 1);

    [Fact]
    public void PackedAttention_AnyThreads_GivesTheSameBits()
    {
        using var scope = torch.NewDisposeScope();
        var (_, shape) = Shape([7, 19, 3, 33], 4, 16, false, 0.1);
        var first = Run(1, shape, (q, k, v) => PackedAttention.Attend(q, k, v, shape));
        for (var again = 0; again < 5; again++)
        {
            var next = Run(1, shape, (q, k, v) => PackedAttention.Attend(q, k, v, shape));
            Assert.All(first.Zip(next), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>()));
        }
    }

    [Fact]
    public void PaddedAttention_Float64_PassesFiniteDifferences()
    {
        using var scope = torch.NewDisposeScope();
        var (batch, shape) = Shape([3, 1, 4], 2, 3, false, 0.2);
        var inputs = Inputs(5, shape, torch.ScalarType.Float64);
        torch.Tensor Loss() => PaddedAttention.Attend(inputs[0], inputs[1], inputs[2], batch, shape).square().sum();
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

    private static (TokenBatch Batch, AttentionShape Shape) Shape(
        int[] lengths, int heads, int width, bool firstOnly, double rate)
    {
        var batch = TokenBatch.Create(Array.ConvertAll(lengths, n => new int[n]));
        IReadOnlyList<int> queries = firstOnly ? [.. Enumerable.Range(0, lengths.Length + 1)] : batch.Offsets;
        return (batch, new(queries, batch.Offsets, heads, width, rate, Seed.From(9)));
    }

    private static torch.Tensor[] Inputs(long seed, AttentionShape shape, torch.ScalarType dtype)
    {
        using var generator = Seed.From(seed).Generator();
        torch.Tensor Draw(int rows) =>
            torch.randn([rows, shape.Width], dtype, generator: generator).requires_grad_();
        return [Draw(shape.QueryOffsets[^1]), Draw(shape.KeyOffsets[^1]), Draw(shape.KeyOffsets[^1])];
    }

    private static torch.Tensor[] Run(
        long seed, AttentionShape shape, Func<torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor> attend)
    {
        var inputs = Inputs(seed, shape, torch.ScalarType.Float32);
        var output = attend(inputs[0], inputs[1], inputs[2]);
        var weights = torch.arange(output.numel(), torch.ScalarType.Float32).sin().view(output.shape);
        (output * weights).sum().backward();
        return [output.detach(), .. inputs.Select(input => input.grad!)];
    }
}
