using LowRank.FineTuning.Pretraining;
using LowRank.FineTuning.Tests.Runs;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Testing;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.T5;
using LowRank.Transformers.Tokenization;

namespace LowRank.FineTuning.Tests.Pretraining;

public sealed class SpanPretrainerTests : IDisposable
{
    private static readonly T5Config Shape = new()
    {
        HiddenSize = 16,
        EncoderLayerCount = 1,
        DecoderLayerCount = 1,
        HeadCount = 2,
        HeadWidth = 8,
        IntermediateSize = 32,
        DropoutRate = 0.1,
    };

    private static readonly string[] Words = ["film", "plot", "cast", "good", "dull"];

    private readonly ScratchFolder _scratch = new();

    public SpanPretrainerTests()
    {
        string[] lines = [.. Enumerable.Range(0, 600).Select(line => string.Join(' ', Enumerable.Repeat(Words[line / 3 % Words.Length], 30)))];
        File.WriteAllLines(_scratch["text.txt"], lines);
        UnigramTrainer.Write(_scratch["pieces"], UnigramTrainer.Train(lines, new() { Sentinels = 10 }));
    }

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_SimpleText_BeatsFrequencies(bool isTied)
    {
        using var pretrainer = new Pretrainer(Options(steps: 150), Shape with { DropoutRate = 0, IsHeadTied = isTied });
        var result = Run(pretrainer, "out");
        Assert.True(Score(result, "loss") < pretrainer.Task.Baseline.Loss / 2, $"loss {Score(result, "loss")}");
        Assert.True(Score(result, "accuracy") > 0.8, $"accuracy {Score(result, "accuracy")}");
        Assert.Equal(Math.Log(5), pretrainer.Task.Baseline.Loss, 0.1);
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
        using (var second = new Pretrainer(folder.ReadOptions(), T5Config.Read(folder.Path)))
        {
            second.Run(folder, resume: true, cancellation: TestContext.Current.CancellationToken);
        }

        foreach (var file in new[] { "model.safetensors", "pretraining/metrics.jsonl", "spiece.model", "config.json" })
        {
            Assert.Equal(File.ReadAllBytes(_scratch[$"whole/{file}"]), File.ReadAllBytes(_scratch[$"parts/{file}"]));
        }
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Run_Folder_IsAModelToGoOnFrom(bool isTied, bool isGated)
    {
        using (var pretrainer = new Pretrainer(
            Options(steps: 2) with { Dtype = TensorDtype.F16 }, Shape with { IsHeadTied = isTied, IsGated = isGated }))
        {
            Run(pretrainer, "out");
        }

        var (model, report) = Pretrained.SequenceToSequence(_scratch["out"]);
        using (model)
        {
            Assert.Empty(report.NewlyInitialised);
            Assert.Equal(Shape with { IsHeadTied = isTied, IsGated = isGated, VocabularySize = TextEncoders.Load(_scratch["out"]).VocabularySize }, model.Config);
        }

        using var further = new Pretrainer(Options(steps: 1) with { ModelFolder = _scratch["out"], TokenizerFolder = null });
        using var weights = TensorMap.Load(_scratch["out/model.safetensors"]);
        Assert.Equal(weights["shared.weight"].to_type(TorchSharp.torch.ScalarType.Float32).data<float>().ToArray(), further.Model.parameters().First().data<float>().ToArray());
    }

    [Fact]
    public void Loss_OfAStep_LeavesOutOtherWordsAtTheNext()
    {
        using var pretrainer = new Pretrainer(Options(steps: 1), Shape with { DropoutRate = 0 });
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
    public void Constructor_AWordPieceVocabulary_IsRefused()
    {
        Runs.TinyBert.Write(_scratch["tiny"]);
        Assert.Contains("sentinels", Assert.Throws<ArgumentException>(
            () => new Pretrainer(Options(steps: 1) with { TokenizerFolder = _scratch["tiny"] }, Shape)).Message);
    }

    private static double Score(TrainingResult result, string name) => result.BestScores.Single(score => score.Key == name).Value;

    private TrainingResult Run(Pretrainer pretrainer, string name) =>
        pretrainer.Run(new(_scratch[name]), cancellation: TestContext.Current.CancellationToken);

    private PretrainOptions Options(int steps) => new()
    {
        TextFiles = [_scratch["text.txt"]],
        TokenizerFolder = _scratch["pieces"],
        Spans = new() { WindowLength = 32 },
        Training = new() { Steps = steps, BatchSize = 8, LearningRate = 0.01, EvaluateEvery = 4, Patience = 0, Seed = 5 },
    };
}
