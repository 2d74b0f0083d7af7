using LowRank.Adapters;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Runs;
using LowRank.FineTuning.Training;
using LowRank.Testing;
using TorchSharp;

namespace LowRank.FineTuning.Tests.Runs;

public sealed class TextClassifierTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public TextClassifierTests()
    {
        var options = new FineTuneOptions
        {
            ModelFolder = TinyBert.Write(_scratch["model"]),
            Adapter = new DeepLoraOptions { Rank = 4, InitialScale = 0.1, Form = DeepLoraForm.Narrow },
            MaxLength = 24,
            Training = new TrainingOptions { Epochs = 6, BatchSize = 8, LearningRate = 0.02, HeadLearningRate = 0.02 },
        };
        using var tuner = new TextFineTuner(options, TinyBert.Rows(48), TinyBert.Rows(24, seed: 2));
        tuner.Run(RunFolder.Create(_scratch["run"]), cancellation: TestContext.Current.CancellationToken);
    }

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Predict_Text_GivesLabelAndProbabilities()
    {
        using var classifier = TextClassifier.Load(_scratch["run"]);
        var prediction = classifier.Predict("the plot was very good .");
        Assert.Equal(TinyBert.Labels, prediction.Probabilities.Select(entry => entry.Label));
        Assert.Equal(1, prediction.Probabilities.Sum(entry => entry.Probability), 1e-12);
        Assert.Equal(prediction.Probabilities.Max(entry => entry.Probability), prediction.Score);
        Assert.Equal(8, prediction.Tokens);
        Assert.False(prediction.Truncated);
    }

    [Fact]
    public void Predict_TenThousandTimes_LeavesNoTensorBehind()
    {
        using var classifier = TextClassifier.Load(_scratch["run"]);
        classifier.Predict("warm up");
        LeakGate.Closed(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                classifier.Predict(i % 2 == 0 ? "a good film ." : "it was dull");
            }
        });
    }

    [Fact]
    public void Predict_FromManyThreads_GivesTheSameAnswers()
    {
        using var classifier = TextClassifier.Load(_scratch["run"]);
        var rows = TinyBert.Rows(40, seed: 5).Examples;
        var expected = rows.Select(row => classifier.Predict(row.Text).Score).ToArray();
        var live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
            Assert.Equal(expected[i % 40], classifier.Predict(rows[i % 40].Text).Score));
        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Predict_Many_KeepsTheOrderAndEqualsOneByOne()
    {
        using var classifier = TextClassifier.Load(_scratch["run"]);
        var rows = TinyBert.Rows(150, seed: 6).Examples;
        var together = classifier.Predict(rows);
        Assert.All(rows.Zip(together), pair =>
            Assert.Equal(classifier.Predict(pair.First.Text).Score, pair.Second.Score, 1e-5));
        Assert.Empty(classifier.Predict([]));
    }

    [Fact]
    public void Predict_StrangeTexts_AreAnswered()
    {
        using var classifier = TextClassifier.Load(_scratch["run"]);
        Assert.Equal(2, classifier.Predict("").Tokens);
        var endless = classifier.Predict(string.Concat(Enumerable.Repeat("good ", 20_000)));
        Assert.True(endless.Truncated);
        Assert.Equal(24, endless.Tokens);
        Assert.True(double.IsFinite(classifier.Predict("\u0000 🙂 日本語", "a pair").Score));
    }

    [Fact]
    public void Load_Merged_AnswersAlike()
    {
        using var attached = TextClassifier.Load(_scratch["run"]);
        using var merged = TextClassifier.Load(_scratch["run"], merge: true);
        Assert.All(TinyBert.Rows(20, seed: 7).Examples, row =>
            Assert.Equal(attached.Predict(row.Text).Score, merged.Predict(row.Text).Score, 1e-4));
    }

    [Fact]
    public void Load_AndDispose_LeavesNoTensorBehind() =>
        LeakGate.Closed(() => TextClassifier.Load(_scratch["run"]).Dispose());

    [Fact]
    public void Load_WhatIsNotARun_SaysWhatIsWanted()
    {
        Assert.Throws<DirectoryNotFoundException>(() => TextClassifier.Load(_scratch["model"] + "-not"));
        var error = Assert.Throws<DirectoryNotFoundException>(
            () => TextClassifier.Load(_scratch["run"], _scratch["gone"]));
        Assert.Contains("the run was trained on the model in it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_RunThatDidNotEnd_SaysSo()
    {
        Directory.Delete(_scratch["run/adapter"], recursive: true);
        var error = Assert.Throws<FileNotFoundException>(() => TextClassifier.Load(_scratch["run"]));
        Assert.Contains("the run has no adapter yet", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TokenizerOfAnotherModel_Refuses()
    {
        File.AppendAllLines(_scratch["model/vocab.txt"], ["more", "words"]);
        LeakGate.Closed(() => Assert.Throws<InvalidDataException>(() => TextClassifier.Load(_scratch["run"])));
    }

    [Fact]
    public void Load_WithoutTheHead_Refuses()
    {
        var path = Path.Combine(_scratch["run"], "adapter", PeftFolder.WeightsName);
        using (var tensors = LowRank.Tensors.TensorMap.Load(path))
        {
            tensors.Take("base_model.model.classifier.weight").Dispose();
            tensors.Save(path);
        }

        var error = Assert.Throws<InvalidDataException>(() => TextClassifier.Load(_scratch["run"]));
        Assert.Contains("Missing (1): base_model.model.classifier.weight", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_OtherLabels_Refuses()
    {
        using var classifier = TextClassifier.Load(_scratch["run"]);
        var other = ExampleSet.Of([new Example("a", null, 0), new Example("b", null, 1)], new ClassLabels(["x", "y"]));
        Assert.Throws<ArgumentException>(() => classifier.Evaluate(other));
    }
}
