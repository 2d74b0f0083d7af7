using LowRank.FineTuning.Pretraining;
using LowRank.FineTuning.Tests.Runs;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Testing;
using LowRank.Transformers.Bert;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.Tokenization;

namespace LowRank.FineTuning.Tests.Pretraining;

public sealed class PretrainerTests : IDisposable
{
    private static readonly BertConfig Shape = new()
    {
        HiddenSize = 16,
        LayerCount = 1,
        HeadCount = 2,
        IntermediateSize = 32,
        PositionCount = 32,
        InitializerRange = 0.1,
    };

    private static readonly string[] Words = ["film", "plot", "cast", "good", "dull"];

    private readonly ScratchFolder _scratch = new();

    public PretrainerTests()
    {
        var lines = TinyBert.Rows(400).Examples.Select(row => row.Text).ToArray();
        File.WriteAllLines(_scratch["text.txt"], lines);
        TinyBert.Write(_scratch["tiny"]);
    }

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Run_SimpleText_BeatsFrequencies()
    {
        File.WriteAllLines(_scratch["text.txt"], Enumerable.Range(0, 600)
            .Select(line => string.Join(' ', Enumerable.Repeat(Words[line / 3 % Words.Length], 30))));
        using var pretrainer = new Pretrainer(Options(steps: 120), Shape with { HiddenDropout = 0, AttentionDropout = 0 });
        var result = Run(pretrainer, "out");
        Assert.True(Score(result, "loss") < pretrainer.Task.Baseline.Loss / 2, $"loss {Score(result, "loss")}");
        Assert.True(Score(result, "accuracy") > 0.8, $"accuracy {Score(result, "accuracy")}");
    }

    [Fact]
    public void Run_Pairs_LearnsWhatFollows()
    {
        // A second line that speaks of films is from elsewhere: half of those that are can be told, so 0.75 is the most.
        File.WriteAllText(_scratch["text.txt"], string.Concat(Enumerable.Repeat("film film film\ngood good\n\n", 400)));
        using (var pretrainer = new Pretrainer(
            Options(steps: 150) with { Masking = new() { Pairs = true, WindowLength = 24 } },
            Shape with { HiddenDropout = 0, AttentionDropout = 0 }))
        {
            var result = Run(pretrainer, "out");
            Assert.True(Score(result, "pair_accuracy") > 0.65, $"pair accuracy {Score(result, "pair_accuracy")}");
        }

        var (classifier, report) = Pretrained.SequenceClassifier(_scratch["out"], Seed.From(0));
        classifier.Dispose();
        Assert.Equal(["classifier.bias", "classifier.weight"], report.NewlyInitialised.Order());
        Assert.Contains("BertForPreTraining", File.ReadAllText(_scratch["out/config.json"]), StringComparison.Ordinal);
    }

    [Fact]
    public void ReadPassages_Text_EndsThemAtBlankLinesAndAfterTen()
    {
        File.WriteAllText(_scratch["notes.txt"], "one\ntwo\n\n\n" + string.Concat(Enumerable.Repeat("line\n", 12)));
        Assert.Equal([2, 10, 2], PretrainingText.ReadPassages([_scratch["notes.txt"]]).Select(passage => passage.Count));
    }

    [Fact]
    public void Baseline_IsThatOfTheFrequencies()
    {
        File.WriteAllLines(_scratch["text.txt"], Enumerable.Repeat("was was was film", 200));
        using var pretrainer = new Pretrainer(Options(steps: 1) with { Masking = new() { WindowLength = 32, MaskShare = 0.5 } }, Shape);
        var entropy = -((0.75 * Math.Log(0.75)) + (0.25 * Math.Log(0.25)));
        Assert.Equal(entropy, pretrainer.Task.Baseline.Loss, 0.15);
        Assert.Equal(0.75, pretrainer.Task.Baseline.Accuracy, 0.15);
    }

    [Fact]
    public void Run_ResumedAfterACancel_LeavesTheSameBytesAsAnUninterruptedOne()
    {
        using (var whole = new Pretrainer(Options(steps: 12), Shape))
        {
            Run(whole, "whole");
        }

        using var stop = new CancellationTokenSource();
        using (var first = new Pretrainer(Options(steps: 12), Shape))
        {
            var result = first.Run(new(_scratch["parts"]), observers: [new CancelAt(stop, 5)], cancellation: stop.Token);
            Assert.Equal(StopReason.Cancelled, result.Reason);
        }

        var folder = new PretrainFolder(_scratch["parts"]);
        using (var second = new Pretrainer(folder.ReadOptions(), BertConfig.Read(folder.Path)))
        {
            second.Run(folder, resume: true, cancellation: TestContext.Current.CancellationToken);
        }

        foreach (var file in new[] { "model.safetensors", "pretraining/metrics.jsonl" })
        {
            Assert.Equal(File.ReadAllBytes(_scratch[$"whole/{file}"]), File.ReadAllBytes(_scratch[$"parts/{file}"]));
        }
    }

    [Fact]
    public void Run_Folder_IsAModelToFineTuneFromAndToGoOnFrom()
    {
        using (var pretrainer = new Pretrainer(Options(steps: 4) with { Dtype = TensorDtype.F16 }, Shape))
        {
            Run(pretrainer, "out");
        }

        var (classifier, report) = Pretrained.SequenceClassifier(_scratch["out"], Seed.From(0));
        using (classifier)
        {
            Assert.Equal(6, report.Ignored.Count(name => name.StartsWith("cls.predictions.", StringComparison.Ordinal)) + 1);
            Assert.All(report.NewlyInitialised, name => Assert.True(name.StartsWith("classifier.") || name.Contains("pooler"), name));
            Assert.Equal(Shape.HiddenSize, classifier.Config.HiddenSize);
        }

        Assert.Equal(TextEncoders.Load(_scratch["tiny"]).VocabularySize, TextEncoders.Load(_scratch["out"]).VocabularySize);
        using var further = new Pretrainer(Options(steps: 1) with { ModelFolder = _scratch["out"], TokenizerFolder = null });
        using var weights = TensorMap.Load(_scratch["out/model.safetensors"]);
        Assert.Equal(
            weights["cls.predictions.bias"].to_type(TorchSharp.torch.ScalarType.Float32).data<float>().ToArray(),
            further.Model.named_parameters().Single(entry => entry.name == "cls.predictions.bias").parameter.data<float>().ToArray());
    }

    [Fact]
    public void Loss_OfAStep_HidesAnewAtTheNext()
    {
        using var pretrainer = new Pretrainer(Options(steps: 1), Shape with { HiddenDropout = 0, AttentionDropout = 0 });
        pretrainer.Task.SetTraining(false);
        double Loss(long seed)
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            return pretrainer.Task.Loss([0, 1], Seed.From(seed)).Loss.item<float>();
        }

        Assert.Equal(Loss(1), Loss(1));
        Assert.NotEqual(Loss(1), Loss(2));
        Assert.Equal(pretrainer.Task.Evaluate(), pretrainer.Task.Evaluate());
    }

    [Fact]
    public void Constructor_NeitherShapeNorModel_IsRefused() =>
        Assert.Contains("shape of a new model", Assert.Throws<ArgumentException>(() => new Pretrainer(Options(steps: 1))).Message);

    [Fact]
    public void Constructor_WindowBeyondThePositions_IsRefused() =>
        Assert.Contains("8 to 32", Assert.Throws<ArgumentOutOfRangeException>(
            () => new Pretrainer(Options(steps: 1) with { Masking = new() { WindowLength = 64 } }, Shape)).Message);

    [Fact]
    public void ReadLines_TextAndTables_GiveTheirTextsWithoutBlanks()
    {
        File.WriteAllText(_scratch["notes.txt"], "one\n\ntwo\n");
        File.WriteAllText(_scratch["rows.jsonl"], "{\"text\": \"three\", \"id\": 7}\n{\"text\": \"four\"}\n");
        Assert.Equal(["one", "two", "three", "four"], PretrainingText.ReadLines([_scratch["notes.txt"], _scratch["rows.jsonl"]]));
    }

    private static double Score(TrainingResult result, string name) => result.BestScores.Single(score => score.Key == name).Value;

    private TrainingResult Run(Pretrainer pretrainer, string name) =>
        pretrainer.Run(new(_scratch[name]), cancellation: TestContext.Current.CancellationToken);

    private PretrainOptions Options(int steps) => new()
    {
        TextFiles = [_scratch["text.txt"]],
        TokenizerFolder = _scratch["tiny"],
        Masking = new() { WindowLength = 32 },
        Training = new() { Steps = steps, BatchSize = 8, LearningRate = 0.01, EvaluateEvery = 4, Patience = 0, Seed = 5 },
    };
}
