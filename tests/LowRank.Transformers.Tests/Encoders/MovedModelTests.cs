using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.Tests.T5;
using TorchSharp;

namespace LowRank.Transformers.Tests.Encoders;

/// <summary>
/// Moving a model makes new parameters. Here it moves to another number format, by the same way as to another device, which
/// the test machine need not have: a part that keeps an old parameter gets no gradient, and attention takes the way of
/// other devices.
/// </summary>
public sealed class MovedModelTests
{
    public static TheoryData<string> Classifiers => [.. GoldenModel.Names];

    public static TheoryData<string> Writers => [.. GoldenT5.Names];

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void SequenceClassifier_Moved_GivesTheSameLossAndGradients(string name)
    {
        using var golden = GoldenModel.Open(name);
        AssertSame(golden.Model, () => golden.LossOf(golden.Model.call(golden.Batch(Seed.From(5)))));
    }

    [Theory]
    [MemberData(nameof(Writers))]
    public void SequenceToSequence_Moved_GivesTheSameLossAndGradients(string name)
    {
        using var golden = GoldenT5.Open(name);
        using var batch = golden.Batch(Seed.From(5));
        AssertSame(golden.Model, () => golden.Model.Loss(batch));
    }

    [Fact]
    public void MaskedLM_Moved_GivesTheSameLossAndGradients()
    {
        var (model, _) = Pretrained.MaskedLM(GoldenModel.Folder("bert-3way"), Seed.From(0), pairs: true);
        using var batch = TokenBatch.Create([[1, 2, 3], [4, 5]], dropout: Seed.From(1));
        using var places = torch.tensor([1L, 3L]);
        AssertSame(model, () =>
        {
            var (words, pairs) = model.ScorePairs(batch, places);
            return words.square().sum() + pairs.square().sum();
        });
        model.Dispose();
    }

    [Fact]
    public void PutOn_AnotherDevice_MovesEveryParameter()
    {
        using var scope = torch.NewDisposeScope();
        var (bert, _) = Pretrained.SequenceClassifier(GoldenModel.Folder("bert-3way"), Seed.From(0), device: torch.META);
        var (t5, _) = Pretrained.SequenceToSequence(GoldenModel.Folder("t5-relu"), torch.META);
        Assert.All(
            bert.parameters().Concat(t5.parameters()),
            parameter => Assert.Equal(DeviceType.META, parameter.device_type));
    }

    private static void AssertSame(torch.nn.Module model, Func<torch.Tensor> loss)
    {
        using var scope = torch.NewDisposeScope();
        model.train();
        var here = Measure(model, loss);
        model.parameters().ToList().ForEach(parameter => parameter.grad = null); // they would move along
        _ = model.to(torch.float64);
        var there = Measure(model, loss);
        Assert.Equal(here.Loss, there.Loss, 1e-5 * Math.Abs(here.Loss));
        Assert.Equal(here.Gradients.Keys, there.Gradients.Keys);
        Assert.All(here.Gradients, entry => Assert.True(
            torch.allclose(entry.Value.to(torch.float64), there.Gradients[entry.Key].to(torch.float64), 1e-3, 1e-5), entry.Key));
    }

    private static (double Loss, Dictionary<string, torch.Tensor> Gradients) Measure(torch.nn.Module model, Func<torch.Tensor> forward)
    {
        var loss = forward();
        loss.backward();
        return (loss.ToDouble(), model.named_parameters()
            .Where(entry => entry.parameter.grad is not null)
            .ToDictionary(entry => entry.name, entry => entry.parameter.grad!));
    }
}
