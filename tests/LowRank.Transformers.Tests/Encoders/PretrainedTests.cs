using LowRank.Tensors;
using LowRank.Testing;
using LowRank.Transformers.Encoders;
using TorchSharp;

namespace LowRank.Transformers.Tests.Encoders;

public sealed class PretrainedTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public static TheoryData<string> Models => [.. GoldenModel.Names];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Models))]
    public void SequenceClassifier_GoldenFolder_GivesTheReferenceLogits(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenModel.Open(name);
        var (model, report) = Pretrained.SequenceClassifier(GoldenModel.Folder(name), Seed.From(1));
        using var loaded = model;
        Assert.Empty(report.NewlyInitialised);
        Assert.False(loaded.training);
        SequenceClassifierTests.AssertClose(golden.Logits(), loaded.call(golden.Batch()), 1e-4);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void SequenceClassifier_OtherLabels_DrawsANewHeadFromTheSeed(string name)
    {
        using var scope = torch.NewDisposeScope();
        string[] labels = ["a", "b", "c", "d"];
        var (model, report) = Pretrained.SequenceClassifier(GoldenModel.Folder(name), Seed.From(1), labels);
        var (same, _) = Pretrained.SequenceClassifier(GoldenModel.Folder(name), Seed.From(1), labels);
        var (other, _) = Pretrained.SequenceClassifier(GoldenModel.Folder(name), Seed.From(2), labels);
        Assert.Equal(
            model.HeadLayers.SelectMany(layer => new[] { layer + ".bias", layer + ".weight" }).Order(),
            report.NewlyInitialised.Order());
        Assert.Equal(labels, model.Config.Labels);
        var head = model.HeadLayers[^1] + ".weight";
        Assert.Equal([4, 48], Parameter(model, head).shape);
        Assert.InRange(Parameter(model, head).std().item<float>(), 0.014f, 0.026f);
        Assert.Equal(0, Parameter(model, model.HeadLayers[^1] + ".bias").abs().max().item<float>());
        Assert.True(Parameter(model, head).equal(Parameter(same, head)).all().item<bool>());
        Assert.False(Parameter(model, head).equal(Parameter(other, head)).all().item<bool>());
        Array.ForEach([model, same, other], loaded => loaded.Dispose());
    }

    [Fact]
    public void SequenceClassifier_CheckpointOfTheBareEncoder_DrawsTheHeadAndKeepsThePooler()
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenModel.Open("bert-3way");
        using (var weights = TensorMap.Load(Path.Combine(GoldenModel.Folder("bert-3way"), "model.safetensors")))
        {
            using var bare = new TensorMap();
            foreach (var (name, tensor) in weights.Where(entry => entry.Key.StartsWith("bert.", StringComparison.Ordinal)))
            {
                bare.Add(name["bert.".Length..], tensor.clone());
            }

            bare.Save(_folder["model.safetensors"]);
        }

        File.Copy(Path.Combine(GoldenModel.Folder("bert-3way"), "config.json"), _folder["config.json"]);
        var (model, report) = Pretrained.SequenceClassifier(_folder.Path, Seed.From(1));
        using var loaded = model;
        Assert.Equal(["classifier.bias", "classifier.weight"], report.NewlyInitialised.Order());
        SequenceClassifierTests.AssertClose(
            golden.HiddenStates("hidden_states_last"), loaded.Encoder.call(golden.Batch()), 1e-4);
        Assert.True(Parameter(loaded, "bert.pooler.dense.weight").abs().max().item<float>() > 0);
    }

    [Fact]
    public void SequenceClassifier_OtherKindOfModel_NamesTheFamilies()
    {
        File.WriteAllText(_folder["config.json"], """{ "model_type": "t5" }""");
        var fault = Assert.Throws<InvalidDataException>(
            () => Pretrained.SequenceClassifier(_folder.Path, Seed.From(1)));
        Assert.Contains("got \"t5\"; wanted bert, roberta, distilbert", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SequenceClassifier_LeavesOnlyTheModelAlive()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var (model, _) = Pretrained.SequenceClassifier(GoldenModel.Folder("bert-3way"), Seed.From(1), ["x"]);
        model.Dispose();
        Assert.InRange(DisposeScopeManager.Statistics.ThreadTotalLiveCount, long.MinValue, before);
    }

    private static TorchSharp.Modules.Parameter Parameter(SequenceClassifier model, string name) =>
        model.named_parameters().First(entry => entry.name == name).parameter;
}
