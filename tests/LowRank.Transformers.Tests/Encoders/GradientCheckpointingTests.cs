using LowRank.Tensors;
using LowRank.Testing;
using TorchSharp;

namespace LowRank.Transformers.Tests.Encoders;

public sealed class GradientCheckpointingTests
{
    public static TheoryData<string> Models => [.. GoldenModel.Names];

    [Theory]
    [MemberData(nameof(Models))]
    public void Call_WithDropout_GivesTheVeryLossAndGradients(string name) =>
        AssertSame(name, golden => golden.Model.train());

    [Theory]
    [MemberData(nameof(Models))]
    public void Call_OtherDtype_GivesTheVeryLossAndGradients(string name) => AssertSame(name, golden =>
    {
        _ = golden.Model.to(torch.ScalarType.Float64); // the padded path of attention
        golden.Model.train();
    });

    [Theory]
    [MemberData(nameof(Models))]
    public void Call_FrozenEmbeddings_GivesTheVeryLossAndGradients(string name) => AssertSame(name, golden =>
    {
        golden.Model.train();
        foreach (var (path, parameter) in golden.Model.named_parameters())
        {
            parameter.requires_grad = path.Contains("query", StringComparison.Ordinal) || path.Contains("q_lin", StringComparison.Ordinal);
        }
    });

    [Fact]
    public void Call_InTrainingMode_RunsEveryLayerButTheLastTwice()
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenModel.Open("bert-3way");
        golden.Model.GradientCheckpointing = true;
        var calls = new Dictionary<string, int>();
        foreach (var (path, module) in golden.Model.named_modules().Where(entry => entry.name.EndsWith("query", StringComparison.Ordinal)))
        {
            ((LowRank.Tensors.DenseLayer)module).register_forward_hook((_, _, output) =>
            {
                calls[path] = calls.GetValueOrDefault(path) + 1;
                return output;
            });
        }

        golden.Model.train();
        golden.LossOf(golden.Model.call(golden.Batch(Seed.From(5)))).backward();
        int[] wanted = [.. Enumerable.Repeat(2, golden.Model.Config.LayerCount - 1), 1];
        Assert.Equal(wanted, calls.Values);

        calls.Clear();
        golden.Model.eval();
        golden.LossOf(golden.Model.call(golden.Batch())).backward();
        Assert.All(calls.Values, count => Assert.Equal(1, count));
    }

    [Fact]
    public void Call_NothingLearns_GivesAnOutputWithoutGraph()
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenModel.Open("bert-3way");
        golden.Model.GradientCheckpointing = true;
        golden.Model.train();
        golden.Model.parameters().ToList().ForEach(parameter => parameter.requires_grad = false);
        Assert.False(golden.Model.call(golden.Batch(Seed.From(5))).requires_grad);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Call_TrainingSteps_LeaveNoTensorBehind(string name)
    {
        using var golden = GoldenModel.Open(name);
        golden.Model.GradientCheckpointing = true;
        golden.Model.train();
        Step(golden); // The first step makes the gradients, which stay.
        LeakGate.Closed(() =>
        {
            for (var step = 0; step < 5; step++)
            {
                Step(golden);
            }
        });
    }

    private static void AssertSame(string name, Action<GoldenModel> prepare)
    {
        var (loss, gradients) = Measure(name, prepare, checkpointing: false);
        var (sameLoss, sameGradients) = Measure(name, prepare, checkpointing: true);
        Assert.Equal(loss, sameLoss);
        Assert.Equal(gradients.Keys, sameGradients.Keys);
        Assert.All(gradients, entry => Assert.Equal(entry.Value, sameGradients[entry.Key]));
    }

    private static (double Loss, Dictionary<string, double[]> Gradients) Measure(
        string name, Action<GoldenModel> prepare, bool checkpointing)
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenModel.Open(name);
        prepare(golden);
        golden.Model.GradientCheckpointing = checkpointing;
        var loss = golden.LossOf(golden.Model.call(golden.Batch(Seed.From(5))));
        loss.backward();
        var gradients = golden.Model.named_parameters()
            .Where(entry => entry.parameter.grad is not null)
            .ToDictionary(entry => entry.name, entry => Numbers(entry.parameter.grad!));
        Assert.NotEmpty(gradients);
        return (loss.ToDouble(), gradients);
    }

    private static double[] Numbers(torch.Tensor tensor) => tensor.to(torch.float64).flatten().data<double>().ToArray();

    private static void Step(GoldenModel golden)
    {
        using var scope = torch.NewDisposeScope();
        using var batch = golden.Batch(Seed.From(5));
        golden.LossOf(golden.Model.call(batch)).backward();
    }
}
