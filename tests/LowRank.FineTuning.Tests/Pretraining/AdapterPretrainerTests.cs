using LowRank.Adapters;
using LowRank.FineTuning.Pretraining;
using LowRank.FineTuning.Tests.Runs;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Testing;
using LowRank.Transformers.Bert;
using LowRank.Transformers.T5;
using LowRank.Transformers.Tokenization;

namespace LowRank.FineTuning.Tests.Pretraining;

/// <summary>Going on with a BERT or a T5 through an adapter, whose updates end up in the weights.</summary>
public sealed class AdapterPretrainerTests : IDisposable
{
    private const string Base = "base", Out = "out";

    private static readonly string[] Words = ["film", "plot", "cast", "good", "dull"];

    private readonly ScratchFolder _scratch = new();

    public AdapterPretrainerTests()
    {
        string[] lines = [.. Enumerable.Range(0, 300).Select(line => string.Join(' ', Enumerable.Repeat(Words[line / 3 % Words.Length], 30)))];
        File.WriteAllLines(_scratch["text.txt"], lines);
        TinyBert.Write(_scratch["tiny"]);
        UnigramTrainer.Write(_scratch["pieces"], UnigramTrainer.Train(lines, new() { Sentinels = 10 }));
    }

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(false, "lora")]
    [InlineData(false, "deep-lora")]
    [InlineData(true, "lora")]
    [InlineData(true, "deep-lora")]
    public void Run_OnAModel_LearnsInTheAdaptedWeightsAlone(bool isT5, string method)
    {
        WriteBase(isT5);
        var options = Options(steps: 60) with { ModelFolder = _scratch[Base], Adapter = Adapter(method) };
        double loss;
        string[] adapted;
        using (var pretrainer = new Pretrainer(options))
        {
            var before = Loss(pretrainer);
            Run(pretrainer, Out);
            loss = Loss(pretrainer);
            Assert.True(loss < before - 0.01, $"loss {before} before, {loss} after");
            using var same = AdapterSet.Attach(
                pretrainer.Model, new LoraOptions { Rank = 2 }, TargetSelector.AllLinear() with { Exclude = ["lm_head"] }, Seed.From(0));
            adapted = [.. same.Adapters.Select(adapter => $"{adapter.Layer.Path}.weight").Order()];
        }

        Assert.Equal(adapted, Changed());
        using var written = new Pretrainer(Options(steps: 1) with { ModelFolder = _scratch[Out], TokenizerFolder = null });
        Assert.Equal(loss, Loss(written), 1e-4);
    }

    [Theory]
    [InlineData(false, "lora")]
    [InlineData(true, "deep-lora")]
    public void Run_ResumedAfterACancel_LeavesTheSameBytesAsAnUninterruptedOne(bool isT5, string method)
    {
        WriteBase(isT5);
        var options = Options(steps: 12) with { ModelFolder = _scratch[Base], Adapter = Adapter(method) };
        using (var whole = new Pretrainer(options))
        {
            Run(whole, "whole");
        }

        using var stop = new CancellationTokenSource();
        using (var first = new Pretrainer(options))
        {
            var result = first.Run(new(_scratch["parts"]), observers: [new CancelAt(stop, 5)], cancellation: stop.Token);
            Assert.Equal(StopReason.Cancelled, result.Reason);
        }

        var folder = new PretrainFolder(_scratch["parts"]);
        using (var second = new Pretrainer(folder.ReadOptions()))
        {
            second.Run(folder, resume: true, cancellation: TestContext.Current.CancellationToken);
        }

        foreach (var file in new[] { "model.safetensors", "config.json", "pretraining/metrics.jsonl" })
        {
            Assert.Equal(File.ReadAllBytes(_scratch[$"whole/{file}"]), File.ReadAllBytes(_scratch[$"parts/{file}"]));
        }
    }

    [Fact]
    public void Run_OnAModelWithoutTheHead_TrainsTheHeadInFull()
    {
        var options = Options(steps: 4) with
        {
            ModelFolder = _scratch["tiny"],
            TokenizerFolder = null,
            Masking = new() { WindowLength = 24 },
            Adapter = Adapter("lora"),
        };
        using var pretrainer = new Pretrainer(options);
        Assert.Contains(pretrainer.Model.named_parameters(), entry => entry.name == "cls.predictions.bias" && entry.parameter.requires_grad);
        Assert.DoesNotContain(pretrainer.Model.named_parameters(), entry => entry.name.StartsWith("bert.") && entry.parameter.requires_grad);
        Run(pretrainer, Out);
        using var written = TensorMap.Load(_scratch[$"{Out}/model.safetensors"]);
        Assert.Contains(written["cls.predictions.bias"].data<float>().ToArray(), number => number != 0);
    }

    [Fact]
    public void Constructor_AnAdapterOnANewModel_IsRefused() =>
        Assert.Contains("adapter lora for a new model", Assert.Throws<ArgumentException>(() => new Pretrainer(
            Options(steps: 1) with { TokenizerFolder = _scratch["tiny"], Adapter = Adapter("lora") }, new BertConfig())).Message);

    private static FactorOptions Adapter(string method) =>
        method == "lora" ? new LoraOptions { Rank = 2 } : new DeepLoraOptions { Rank = 2 };

    private static double Loss(Pretrainer pretrainer)
    {
        pretrainer.Task.SetTraining(false);
        return pretrainer.Task.Evaluate().Single(score => score.Key == "loss").Value;
    }

    private void WriteBase(bool isT5)
    {
        var options = Options(steps: 10) with { TokenizerFolder = _scratch[isT5 ? "pieces" : "tiny"] };
        using var pretrainer = isT5
            ? new Pretrainer(options, new T5Config
            {
                HiddenSize = 16,
                EncoderLayerCount = 1,
                DecoderLayerCount = 1,
                HeadCount = 2,
                HeadWidth = 8,
                IntermediateSize = 32,
            })
            : new Pretrainer(options, new BertConfig
            {
                HiddenSize = 16,
                LayerCount = 1,
                HeadCount = 2,
                IntermediateSize = 32,
                PositionCount = 32,
                InitializerRange = 0.1,
            });
        Run(pretrainer, Base);
    }

    // The names of the tensors that differ between the two folders.
    private string[] Changed()
    {
        using var before = TensorMap.Load(_scratch[$"{Base}/model.safetensors"]);
        using var after = TensorMap.Load(_scratch[$"{Out}/model.safetensors"]);
        Assert.Equal(before.Names.Order(), after.Names.Order());
        return [.. before.Names.Where(name => !before[name].data<float>().SequenceEqual(after[name].data<float>())).Order()];
    }

    private void Run(Pretrainer pretrainer, string name) =>
        pretrainer.Run(new(_scratch[name]), cancellation: TestContext.Current.CancellationToken);

    private PretrainOptions Options(int steps) => new()
    {
        TextFiles = [_scratch["text.txt"]],
        Masking = new() { WindowLength = 32 },
        Spans = new() { WindowLength = 32 },
        Training = new() { Steps = steps, BatchSize = 8, LearningRate = 0.01, EvaluateEvery = 4, Patience = 0, Seed = 5 },
    };
}
