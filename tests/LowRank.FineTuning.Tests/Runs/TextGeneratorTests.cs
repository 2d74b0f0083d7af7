using LowRank.Adapters;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Runs;
using LowRank.FineTuning.Training;
using LowRank.Testing;

namespace LowRank.FineTuning.Tests.Runs;

public sealed class TextGeneratorTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _scratch.Dispose();

    public static TheoryData<string> Names => [.. All.Keys];

    private static Dictionary<string, AdapterOptions> All { get; } = new()
    {
        ["lora"] = new LoraOptions { Rank = 8 },
        ["dora"] = new LoraOptions { Rank = 8, UseDora = true },
        ["lora-xs"] = new LoraXsOptions { Rank = 8 },
        ["deep-lora"] = new DeepLoraOptions { Rank = 8 },
        ["deep-lora-narrow"] = new DeepLoraOptions { Rank = 8, Form = DeepLoraForm.Narrow },
        ["deep-lora-wide"] = new DeepLoraOptions { Form = DeepLoraForm.Wide },
        ["full"] = new FullOptions(),
    };

    [Theory]
    [InlineData("lora", 0.02)]
    [InlineData("deep-lora", 0.05)]
    [InlineData("full", 0.01)]
    public void Run_HandfulOfPairs_IsLearnedByHeart(string method, double rate)
    {
        var rows = ExampleSet.Of([.. TinyT5.Pairs(9).Examples.DistinctBy(row => row.Text)]);
        var options = Options(method, dropout: 0) with { Metric = "exact_match", Targets = "all-dense" };
        if (options.Adapter is DeepLoraOptions deep)
        {
            options = options with { Adapter = deep with { InitialScale = 0.1, OuterRateRatio = 0.1 } };
        }

        options = options with
        {
            Training = options.Training with { Steps = 300, EvaluateEvery = 50, LearningRate = rate, BatchSize = 16 },
        };
        var result = Run(options, "run", rows);
        Assert.Equal(1, result.BestScores.Single(score => score.Key == "exact_match").Value);
        using var generator = TextGenerator.Load(_scratch["run"]);
        Assert.Equal(rows.Examples.Select(row => row.TargetText!), Written(generator, [.. rows.Examples.Select(row => row.Text)]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Merge_AnyMethodOnAnyLayer_KeepsTheLogits(string method)
    {
        foreach (var (tied, targets) in new[] { (true, "all-linear"), (true, "all-dense"), (false, "all-linear") })
        {
            if (method == "dora" && targets == "all-dense")
            {
                continue; // Lengths of an embedding's rows are refused.
            }

            Run(Options(method, 0.1, tied) with { Targets = targets }, $"{tied}-{targets}");
            var examples = TinyT5.Pairs(6, seed: 2).Examples;
            using var generator = TextGenerator.Load(_scratch[$"{tied}-{targets}"]);
            var before = generator.Logits(examples);
            generator.Merge();
            AssertClose(before, generator.Logits(examples), 1e-4);
        }
    }

    [Theory]
    [InlineData("lora")]
    [InlineData("deep-lora")]
    public void Run_ResumedAfterACancel_LeavesTheSameBytesAsAnUninterruptedOne(string method)
    {
        var options = Options(method) with { Targets = "all-dense" };
        Run(options, "whole");
        using (var source = new CancellationTokenSource())
        {
            using var tuner = Tuner(options);
            tuner.Run(RunFolder.Create(_scratch["cut"]), false, [new CancelAt(source, 5)], source.Token);
        }

        using (var tuner = Tuner(options))
        {
            tuner.Run(RunFolder.Open(_scratch["cut"]), resume: true, cancellation: Token);
        }

        foreach (var file in Directory.GetFiles(_scratch["whole/adapter"]).Append(_scratch["whole/metrics.jsonl"]))
        {
            var other = file.Replace("/whole/", "/cut/", StringComparison.Ordinal);
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(other));
        }
    }

    [Fact]
    public void Evaluate_OfTheFolder_GivesTheScoresOfTheRun()
    {
        var options = Options("lora") with
        {
            Generator = new() { WritesTexts = true, Beams = 2, MaxTargetLength = 6, Prefix = "w3 " },
        };
        var result = Run(options, "run");
        using var generator = TextGenerator.Load(_scratch["run"]);
        var scores = generator.Evaluate(Judged);
        Assert.Equal(Judged.Examples.DistinctBy(row => row.Text).Count(), scores.Count);
        Assert.All(scores.Values, score => Assert.Equal(result.BestScores.Single(best => best.Key == score.Key).Value, score.Value));
        Assert.Equal(result.BestScores[0].Value, generator.Loss(Judged), 1e-9);
        using var other = FineTunedModel.Open(_scratch["run"]);
        Assert.IsType<TextGenerator>(other);
        Assert.Equal("SEQ_2_SEQ_LM", Peft("task_type"));
    }

    [Fact]
    public void SaveModelAndAdapter_AreReadBackToTheSameLogits()
    {
        Run(Options("deep-lora") with { Targets = "all-dense" }, "run");
        var examples = Judged.Examples;
        using var generator = TextGenerator.Load(_scratch["run"]);
        var expected = generator.Logits(examples);
        generator.SaveAdapter(_scratch["adapter"]);
        using (var read = TextGenerator.FromAdapter(_scratch["adapter"], _scratch["model-True"]))
        {
            AssertClose(expected, read.Logits(examples), 1e-4);
        }

        AdapterImport.Write(_scratch["adapter"], _scratch["imported"], new() { ModelFolder = _scratch["model-True"] });
        using (var imported = TextGenerator.Load(_scratch["imported"]))
        {
            AssertClose(expected, imported.Logits(examples), 1e-4);
        }

        generator.SaveModel(_scratch["merged"]);
        using var merged = TextGenerator.Load(_scratch["merged"]);
        AssertClose(expected, merged.Logits(examples), 1e-4);
    }

    [Fact]
    public void Generate_OfARow_DoesNotDependOnItsNeighbours()
    {
        Run(Options("lora"), "run");
        using var generator = TextGenerator.Load(_scratch["run"]);
        string[] sources = ["w5", "w7 w8 w9 w10 w11 w12 w13 w14", "w20 w21", ""];
        Assert.Equal(sources.Select(source => generator.Generate(source)), Written(generator, sources));
        var alone = Judged.Examples.Select(example => generator.Logits([example])[0]).ToList();
        AssertClose(alone, generator.Logits(Judged.Examples), 1e-5);
    }

    [Fact]
    public void Load_ForTheOtherKind_IsRefused()
    {
        Run(Options("lora"), "run");
        Assert.Contains("wanted a run that labels", Fault(() => TextClassifier.Load(_scratch["run"])), StringComparison.Ordinal);
        Assert.Contains("wanted a run that labels", Fault(() => TextClassifier.Load(_scratch["model-True"])), StringComparison.Ordinal);
        TinyBert.Write(_scratch["bert"]);
        Assert.Contains("wanted a run that writes texts", Fault(() => TextGenerator.Load(_scratch["bert"])), StringComparison.Ordinal);
    }

    [Fact]
    public void Tuner_WhatDoesNotBelongTogether_IsRefused()
    {
        var options = Options("lora");
        string Refused(FineTuneOptions wrong, ExampleSet? rows = null) =>
            Assert.ThrowsAny<Exception>(() => new TextFineTuner(wrong, rows ?? TinyT5.Pairs(8), rows ?? Judged)).Message;
        Assert.Contains("no output layer of its own", Refused(options with { Adapter = new HeadOnlyOptions() }), StringComparison.Ordinal);
        Assert.Contains("wanted rows with a source", Refused(options, TinyBert.Rows(6)), StringComparison.Ordinal);
        Assert.Contains("wanted a T5", Refused(options with { ModelFolder = TinyBert.Write(_scratch["bert"]) }), StringComparison.Ordinal);
        Assert.Contains("GradientCheckpointing", Refused(options with { GradientCheckpointing = true }), StringComparison.Ordinal);
        Assert.Contains("accuracy: these scores have", Refused(options with { Metric = "accuracy" }), StringComparison.Ordinal);
        Assert.Contains("MaxTargetLength: got 0", Refused(options with { Generator = new() { MaxTargetLength = 0 } }), StringComparison.Ordinal);
        Assert.Contains("MaxLength: got 0", Refused(options with { MaxLength = 0 }), StringComparison.Ordinal);
        Assert.Contains("Beams: got 44", Refused(options with { Generator = new() { Beams = 44 } }), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_HeadOnly_TrainsTheOutputLayerOfAnUntiedModel()
    {
        var options = Options("lora", tied: false) with { Adapter = new HeadOnlyOptions() };
        using var tuner = Tuner(options);
        Assert.Equal(["lm_head"], tuner.Adapters.HeadPaths);
        Assert.Empty(tuner.Adapters.Adapters);
        tuner.Run(RunFolder.Create(_scratch["run"]), cancellation: Token);
        using var generator = TextGenerator.Load(_scratch["run"]);
        Assert.Equal(["lm_head"], generator.Adapters!.HeadPaths);
    }

    [Fact]
    public void Run_DefaultTargets_AreEveryLinearLayerButTheOutputs()
    {
        using var tuner = Tuner(Options("lora", tied: false));
        Assert.Equal(2 * 6 + 2 * 10, tuner.Adapters.Adapters.Count);
        Assert.DoesNotContain(tuner.Adapters.Adapters, adapter => adapter.Layer.Path == "lm_head");
    }

    [Fact]
    public void TrainingData_LongTexts_AreCountedAsCut()
    {
        var options = Options("lora") with { MaxLength = 4, Generator = new() { MaxTargetLength = 3 } };
        using var tuner = Tuner(options);
        Assert.Equal(3, tuner.TrainingData.TargetTokens!.Limit);
        Assert.InRange(tuner.TrainingData.TargetTokens!.Truncated, 1, tuner.TrainingData.Kept);
        Assert.InRange(tuner.TrainingData.Tokens!.Truncated, 1, tuner.TrainingData.Kept);
    }

    private static ExampleSet Judged => TinyT5.Pairs(7, seed: 2);

    private static IReadOnlyList<string> Written(TextGenerator generator, string[] sources) =>
        generator.Generate(sources, cancellation: Token);

    private static string Fault(Func<IDisposable> load) =>
        Assert.Throws<InvalidDataException>(() => load().Dispose()).Message;

    private static void AssertClose(
        IReadOnlyList<IReadOnlyList<double>> expected, IReadOnlyList<IReadOnlyList<double>> actual, double tolerance)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (var row = 0; row < expected.Count; row++)
        {
            Assert.All(expected[row].Zip(actual[row]), pair => Assert.Equal(pair.First, pair.Second, tolerance));
        }
    }

    private string Peft(string key) => System.Text.Json.JsonDocument
        .Parse(File.ReadAllText(_scratch["run/adapter/adapter_config.json"])).RootElement.GetProperty(key).GetString()!;

    private TrainingResult Run(FineTuneOptions options, string name, ExampleSet? rows = null)
    {
        using var tuner = Tuner(options, rows);
        return tuner.Run(RunFolder.Create(_scratch[name]), cancellation: Token);
    }

    private static TextFineTuner Tuner(FineTuneOptions options, ExampleSet? rows = null) =>
        new(options, rows ?? TinyT5.Pairs(24), rows ?? Judged);

    private FineTuneOptions Options(string method, double dropout = 0.1, bool tied = true) => new()
    {
        ModelFolder = TinyT5.Write(_scratch[$"model-{tied}"], dropout, tied),
        Adapter = All[method],
        Training = new TrainingOptions { Steps = 8, BatchSize = 4, EvaluateEvery = 4, LearningRate = 0.01, Patience = 0, Seed = 3 },
    };
}
