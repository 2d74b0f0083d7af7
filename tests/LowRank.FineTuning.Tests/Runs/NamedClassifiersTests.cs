using LowRank.Adapters;
using LowRank.FineTuning.Runs;
using LowRank.FineTuning.Training;
using LowRank.Testing;

namespace LowRank.FineTuning.Tests.Runs;

public sealed class NamedClassifiersTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly Dictionary<string, string> _runs;

    public NamedClassifiersTests()
    {
        TinyBert.Write(_scratch["model"]);
        _runs = new()
        {
            ["deep"] = Train("deep", new DeepLoraOptions { Rank = 4, InitialScale = 0.1, Form = DeepLoraForm.Narrow }),
            ["deeper"] = Train("deeper", new LoraOptions { Rank = 4 }, seed: 3),
        };
    }

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Predict_InAnyOrder_EqualsEachRunAlone()
    {
        using var together = NamedClassifiers.Load(_runs);
        using var deep = TextClassifier.Load(_runs["deep"]);
        using var deeper = TextClassifier.Load(_runs["deeper"]);
        var rows = TinyBert.Rows(12, seed: 5);
        foreach (var row in rows.Examples)
        {
            var (first, second) = (together.Predict("deep", row.Text), together.Predict("deeper", row.Text));
            Assert.Equal(deep.Predict(row.Text).Probabilities, first.Probabilities);
            Assert.Equal(deeper.Predict(row.Text).Probabilities, second.Probabilities);
            Assert.NotEqual(first.Score, second.Score);
        }

        Assert.Equal(
            deep.Predict(rows.Examples).Select(one => one.Score),
            together.Predict("deep", rows.Examples).Select(one => one.Score));
        Assert.Equal(deeper.Evaluate(rows).Values, together.Evaluate("deeper", rows).Values);
        Assert.Equal(["deep", "deeper"], together.Names);
        Assert.Equal(TinyBert.Labels, together.Labels("deeper"));
    }

    [Fact]
    public void Predict_FromManyThreads_NeverMixesTheRuns()
    {
        using var together = NamedClassifiers.Load(_runs);
        string[] names = ["deep", "deeper"];
        var rows = TinyBert.Rows(20, seed: 5).Examples;
        var expected = names.Select(name => rows.Select(row => together.Predict(name, row.Text).Score).ToArray()).ToArray();
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
            Assert.Equal(expected[i % 2][i % 20], together.Predict(names[i % 2], rows[i % 20].Text).Score));
    }

    [Fact]
    public void LoadPredictAndDispose_LeaveNoTensorBehind() => LeakGate.Closed(() =>
    {
        using var together = NamedClassifiers.Load(_runs);
        for (var i = 0; i < 10; i++)
        {
            together.Predict(i % 2 == 0 ? "deep" : "deeper", "a good film .");
        }

        Assert.Throws<ArgumentException>(() => together.Predict("dee", "a good film ."));
    });

    [Fact]
    public void Load_RunsThatCannotShareAModel_SaysWhy()
    {
        _runs["two"] = Train("two", new LoraOptions { Rank = 2 }, classes: 2);
        var labels = Assert.Throws<ArgumentException>(() => NamedClassifiers.Load(_runs));
        Assert.Contains("got labels: 3 for deep and 2 for two", labels.Message, StringComparison.Ordinal);

        TinyBert.Write(_scratch["other"]);
        _runs["two"] = Train("elsewhere", new LoraOptions { Rank = 2 }, model: "other");
        var model = Assert.Throws<ArgumentException>(() => NamedClassifiers.Load(_runs));
        Assert.Contains("wanted one base model", model.Message, StringComparison.Ordinal);
        NamedClassifiers.Load(_runs, _scratch["model"]).Dispose();

        Assert.Throws<ArgumentException>(() => NamedClassifiers.Load(new Dictionary<string, string>()));
        Assert.Throws<DirectoryNotFoundException>(() => NamedClassifiers.Load(_runs, _scratch["gone"]));
        Assert.Throws<FileNotFoundException>(
            () => NamedClassifiers.Load(new Dictionary<string, string> { ["no"] = _scratch["model"] }));
    }

    [Fact]
    public void Load_ARunWithoutItsAdapter_LeavesNoTensorBehind() => LeakGate.Closed(() =>
    {
        File.Delete(Path.Combine(_runs["deeper"], "adapter", PeftFolder.WeightsName));
        Assert.Throws<FileNotFoundException>(() => NamedClassifiers.Load(_runs));
    });

    private string Train(string name, AdapterOptions adapter, long seed = 0, int classes = 3, string model = "model")
    {
        var options = new FineTuneOptions
        {
            ModelFolder = _scratch[model],
            Adapter = adapter,
            MaxLength = 24,
            Training = new TrainingOptions
            {
                Epochs = 2,
                BatchSize = 8,
                LearningRate = 0.02,
                HeadLearningRate = 0.02,
                Seed = seed,
            },
        };
        using var tuner = new TextFineTuner(
            options, TinyBert.Rows(48, classes: classes), TinyBert.Rows(24, seed: 2, classes: classes));
        tuner.Run(RunFolder.Create(_scratch[name]), cancellation: TestContext.Current.CancellationToken);
        return _scratch[name];
    }
}
