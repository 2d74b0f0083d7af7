using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using TorchSharp;

namespace LowRank.Transformers.Tests.Encoders;

public sealed class SequenceClassifierTests
{
    public static TheoryData<string> Models => [.. GoldenModel.Names];

    [Theory]
    [MemberData(nameof(Models))]
    public void Call_GoldenCheckpoint_GivesTheReferenceLogitsAndLoss(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenModel.Open(name);
        var logits = golden.Model.call(golden.Batch());
        AssertClose(golden.Logits(), logits, 1e-4);
        Assert.Equal(golden.Loss, golden.LossOf(logits).item<float>(), 1e-3 * golden.Loss);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Call_GoldenCheckpoint_GivesTheReferenceGradientNorms(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenModel.Open(name);
        golden.LossOf(golden.Model.call(golden.Batch())).backward();
        var parameters = golden.Model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        foreach (var (parameter, norm) in golden.GradientNorms)
        {
            Assert.Equal(norm, parameters[parameter].grad!.norm().item<float>(), 1e-3 * norm);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void HiddenStates_GoldenCheckpoint_AreTheReferences(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenModel.Open(name);
        var states = golden.Model.Encoder.HiddenStates(golden.Batch());
        AssertClose(golden.HiddenStates("hidden_states_embeddings"), states[0], 1e-4);
        AssertClose(golden.HiddenStates("hidden_states_last"), states[^1], 1e-4);
        AssertClose(golden.HiddenStates("hidden_states_last"), golden.Model.Encoder.call(golden.Batch()), 1e-4);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Call_OneRowAtATime_GivesTheSameLogits(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenModel.Open(name);
        for (var row = 0; row < golden.Ids.Length; row++)
        {
            var alone = TokenBatch.Create([golden.Ids[row]], golden.TypeIds is { } types ? [types[row]] : null);
            AssertClose([golden.Logits()[row]], golden.Model.call(alone), 1e-4);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Call_OtherDtype_TakesThePaddedPathToTheSameLogits(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenModel.Open(name);
        _ = golden.Model.to(torch.ScalarType.Float64);
        var logits = golden.Model.call(golden.Batch());
        Assert.Equal(torch.ScalarType.Float64, logits.dtype);
        AssertClose(golden.Logits(), logits, 1e-4);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Call_TrainingStep_LeavesNoTensorBehind(string name)
    {
        using var golden = GoldenModel.Open(name);
        golden.Model.train();
        Step(golden); // The first step makes the gradients, which stay.
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Step(golden);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Call_WithoutScope_LeavesOnlyTheLogits(string name)
    {
        using var golden = GoldenModel.Open(name);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var batch = golden.Batch())
        {
            using var frozen = torch.no_grad();
            golden.Model.call(batch).Dispose();
            foreach (var state in golden.Model.Encoder.HiddenStates(batch))
            {
                state.Dispose();
            }
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Call_TrainingWithDropout_IsAPureFunctionOfTheSeed()
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenModel.Open("bert-3way");
        golden.Model.train();
        var first = golden.Model.call(golden.Batch(Seed.From(1)));
        var again = golden.Model.call(golden.Batch(Seed.From(1)));
        var other = golden.Model.call(golden.Batch(Seed.From(2)));
        Assert.True(first.equal(again).all().item<bool>());
        Assert.False(torch.allclose(first, other, 1e-3));
    }

    [Fact]
    public void Call_TrainingWithoutSeed_Throws()
    {
        using var golden = GoldenModel.Open("bert-3way");
        golden.Model.train();
        using var batch = golden.Batch();
        var fault = Assert.Throws<InvalidOperationException>(() => golden.Model.call(batch));
        Assert.Contains("dropout seed", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Call_IdBeyondTheTable_SaysSo()
    {
        using var golden = GoldenModel.Open("bert-3way");
        using var batch = TokenBatch.Create([[1, 120]]);
        var fault = Assert.Throws<ArgumentException>(() => golden.Model.call(batch));
        Assert.Contains("token id 120; wanted ids below 120", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Call_RowTooLong_SaysSo()
    {
        using var golden = GoldenModel.Open("roberta-2way");
        using var batch = TokenBatch.Create([[.. Enumerable.Repeat(5, 41)]]);
        var fault = Assert.Throws<ArgumentException>(() => golden.Model.call(batch));
        Assert.Contains("41 tokens; wanted at most 40", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Call_TypeBeyondTheTable_SaysSo()
    {
        using var golden = GoldenModel.Open("bert-3way");
        using var batch = TokenBatch.Create([[1, 2]], [[0, 2]]);
        var fault = Assert.Throws<ArgumentException>(() => golden.Model.call(batch));
        Assert.Contains("token type 2; wanted types below 2", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void ForwardHooks_SeeEveryLinearAndEmbedding(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenModel.Open(name);
        HashSet<string> seen = [];
        foreach (var (path, layer) in golden.Model.named_modules())
        {
            _ = layer switch
            {
                LowRank.Tensors.DenseLayer linear => linear.register_forward_hook((module, input, output) =>
                {
                    Assert.Equal(2, input.dim());
                    seen.Add(path);
                    return output;
                }),
                TorchSharp.Modules.Embedding table => (object)table.register_forward_hook((module, input, output) =>
                {
                    Assert.Equal(golden.Ids.Sum(row => row.Length), input.size(0));
                    seen.Add(path);
                    return output;
                }),
                _ => null!,
            };
        }

        _ = golden.Model.call(golden.Batch());
        var expected = golden.Model.named_modules()
            .Where(entry => entry.module is LowRank.Tensors.DenseLayer or TorchSharp.Modules.Embedding)
            .Select(entry => entry.name);
        Assert.Equal(expected.Order(), seen.Order());
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void NamedModules_NameEachLayerOnce(string name)
    {
        using var golden = GoldenModel.Open(name);
        var layers = golden.Model.named_modules()
            .Where(entry => entry.module is LowRank.Tensors.DenseLayer or TorchSharp.Modules.Embedding)
            .Select(entry => entry.name + ".weight");
        var weights = golden.Model.named_parameters().Where(entry => entry.parameter.dim() == 2);
        Assert.Equal(weights.Select(entry => entry.name).Order(), layers.Order());
    }

    [Fact]
    public void Initialize_SameSeed_GivesTheSameModel()
    {
        using var scope = torch.NewDisposeScope();
        using var one = GoldenModel.Open("bert-3way");
        using var two = GoldenModel.Open("bert-3way");
        one.Model.Initialize(Seed.From(3));
        two.Model.Initialize(Seed.From(3));
        var logits = one.Model.call(one.Batch());
        Assert.True(logits.equal(two.Model.call(two.Batch())).all().item<bool>());
        var query = one.Model.get_parameter("bert.encoder.layer.0.attention.self.query.weight")!;
        Assert.InRange(query.std().item<float>(), 0.018f, 0.022f);
    }

    internal static void AssertClose(double[][] expected, torch.Tensor actual, double tolerance)
    {
        using var scope = torch.NewDisposeScope();
        Assert.Equal([expected.Length, expected[0].Length], actual.shape);
        var wanted = torch.tensor(expected.SelectMany(row => row).ToArray()).view(actual.shape);
        var difference = (actual.to(torch.ScalarType.Float64) - wanted).abs().max().item<double>();
        Assert.True(difference <= tolerance, $"largest difference {difference:E2}; wanted at most {tolerance:E0}");
    }

    private static void Step(GoldenModel golden)
    {
        using var scope = torch.NewDisposeScope();
        using var batch = golden.Batch(Seed.From(7));
        golden.LossOf(golden.Model.call(batch)).backward();
    }
}
