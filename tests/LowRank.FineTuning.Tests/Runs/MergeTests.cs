using LowRank.Adapters;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Runs;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Testing;
using LowRank.Transformers.Weights;

namespace LowRank.FineTuning.Tests.Runs;

/// <summary>From a run to a model, to PEFT's folder and back, and on from there.</summary>
public sealed class MergeTests : IDisposable
{
    private static readonly IReadOnlyList<Example> Texts = TinyBert.Rows(40, seed: 9).Examples;
    private readonly ScratchFolder _scratch = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Methods => ["lora", "dora", "deep-lora", "lora-xs", "head-only", "full"];

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [MemberData(nameof(Methods))]
    public void SaveModel_AnyMethod_EqualsTheRunAndIsReadBack(string method)
    {
        Train(method);
        using var run = TextClassifier.Load(_scratch["run"]);
        var attached = Logits(run);
        run.SaveModel(_scratch["merged"]);
        var merged = Logits(run);
        Assert.True(Largest(attached, merged) < 1e-4);
        using var model = TextClassifier.Load(_scratch["merged"], maxLength: 24);
        Assert.True(Largest(merged, Logits(model)) < 1e-6);
        Assert.Equal(TinyBert.Labels, model.Labels);
        Assert.Null(model.Run);
        Assert.Null(model.Adapters);
        var rows = TinyBert.Rows(30, seed: 2);
        Assert.Equal(run.Evaluate(rows).Values["accuracy"], model.Evaluate(rows).Values["accuracy"]);
    }

    [Theory]
    [InlineData("lora", 1e-6)]
    [InlineData("dora", 1e-6)]
    [InlineData("deep-lora", 1e-5)] // its small products are multiplied out
    [InlineData("lora-xs", 1e-5)]
    [InlineData("head-only", 1e-6)]
    public void SaveAdapter_ThenImport_GivesTheRunBack(string method, double tolerance)
    {
        Train(method);
        using var run = TextClassifier.Load(_scratch["run"]);
        var report = run.SaveAdapter(_scratch["peft"]);
        Assert.Equal(run.Adapters!.Adapters.Select(adapter => adapter.Layer.Path).Order(), report.Ranks.Keys.Order());
        Assert.Equal(
            ["adapter_config.json", "adapter_model.safetensors"],
            Directory.GetFiles(_scratch["peft"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        using var foreign = TextClassifier.FromAdapter(_scratch["peft"], _scratch["model"], TinyBert.Labels, maxLength: 24);
        Assert.True(Largest(Logits(run), Logits(foreign)) < tolerance);
        var names = AdapterImport.Write(
            _scratch["peft"], _scratch["imported"], Options(method) with { Adapter = new LoraOptions() }, TinyBert.Labels);
        Assert.Equal(TinyBert.Labels, names);
        using var imported = TextClassifier.Load(_scratch["imported"]);
        Assert.Equal(Logits(foreign), Logits(imported));
        Assert.Equal(imported.Adapters!.Options, imported.Run!.Adapter);
        Assert.Equal(method == "head-only" ? "all-linear" : "query,key,value,dense", imported.Run.Targets);
    }

    [Fact]
    public void Import_Labels_AreGivenOrTheModelsOrNumbered()
    {
        Train("lora");
        using (var run = TextClassifier.Load(_scratch["run"]))
        {
            run.SaveAdapter(_scratch["peft"]);
            run.SaveModel(_scratch["merged"]);
        }

        var plain = new FineTuneOptions { ModelFolder = _scratch["model"] };
        Assert.Equal(["LABEL_0", "LABEL_1", "LABEL_2"], AdapterImport.Write(_scratch["peft"], _scratch["a"], plain));
        Assert.Equal(
            TinyBert.Labels,
            AdapterImport.Write(_scratch["peft"], _scratch["b"], plain with { ModelFolder = _scratch["merged"] }));
        foreach (var (labels, kind) in new (string[]?, LabelKind?)[]
        {
            (["x", "y"], null), (["x", "y", "y"], null), (null, LabelKind.Numbers), (["x"], LabelKind.Numbers),
        })
        {
            Assert.ThrowsAny<ArgumentException>(() =>
                AdapterImport.Write(_scratch["peft"], _scratch["c"], plain, labels, kind));
        }

        Assert.False(Directory.Exists(_scratch["c"]));
    }

    [Fact]
    public void Import_WithoutAHead_RefusesAndLeavesNothing()
    {
        Train("lora");
        var path = _scratch["run/adapter/adapter_model.safetensors"];
        using (var tensors = TensorMap.Load(path))
        {
            tensors.Take("base_model.model.classifier.weight").Dispose();
            tensors.Save(path);
        }

        var error = Assert.Throws<InvalidDataException>(() => AdapterImport.Write(
            _scratch["run/adapter"], _scratch["imported"], new FineTuneOptions { ModelFolder = _scratch["model"] }));
        Assert.Contains("the adapter has no classification head", error.Message, StringComparison.Ordinal);
        Assert.Equal(["model", "run"], Directory.GetDirectories(_scratch.Path).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("classifier.bias")]
    [InlineData("bert.encoder.layer.0.attention.self.query.lora_B.weight")]
    public void SaveModel_NaN_RefusesAndWritesNothing(string name)
    {
        Train("lora");
        var path = _scratch["run/adapter/adapter_model.safetensors"];
        using (var tensors = TensorMap.Load(path))
        {
            using var gradients = TorchSharp.torch.no_grad();
            tensors[$"base_model.model.{name}"].flatten()[0] = float.NaN;
            tensors.Save(path);
        }

        using var run = TextClassifier.Load(_scratch["run"]);
        Assert.Throws<InvalidDataException>(() => run.SaveModel(_scratch["merged"]));
        Assert.False(Directory.Exists(_scratch["merged"]));
    }

    [Fact]
    public void Run_EveryWeight_LeavesAModelAndResumesExactly()
    {
        Train("full", "whole");
        Assert.False(Directory.Exists(_scratch["whole/adapter"]));
        Assert.Contains("| model/ |", File.ReadAllText(_scratch["whole/README.md"]), StringComparison.Ordinal);
        Interrupt(Options("full"));
        Assert.Equal(File.ReadAllBytes(_scratch["whole/model/model.safetensors"]), File.ReadAllBytes(_scratch["cut/model/model.safetensors"]));
        using var classifier = TextClassifier.Load(_scratch["whole"]);
        Assert.Null(classifier.Adapters);
        Assert.Throws<InvalidOperationException>(() => classifier.SaveAdapter(_scratch["peft"]));
        Assert.NotNull(classifier.Run);
        RunFolder.Create(_scratch["whole"], overwrite: true);
        Assert.Empty(Directory.GetFileSystemEntries(_scratch["whole"]));
    }

    [Theory]
    [InlineData("lora", false)]
    [InlineData("dora", false)]
    [InlineData("deep-lora", false)]
    [InlineData("deep-lora", true)]
    [InlineData("head-only", false)]
    public void Run_FromAnEarlierOne_BeginsWhereItEndedAndResumesExactly(string method, bool exported)
    {
        Train(method, "first");
        var from = _scratch["first"];
        using (var earlier = TextClassifier.Load(from))
        {
            if (exported)
            {
                from = _scratch["peft"];
                earlier.SaveAdapter(from);
            }

            var options = Options(method) with { From = from };
            using var tuner = Tuner(options);
            Assert.Equal(exported ? new LoraOptions { Rank = 4, Alpha = 4 } : Options(method).Adapter, tuner.Adapters.Options);
            tuner.Model.eval();
            using var now = TextClassifier.FromAdapter(
                exported ? from : Path.Combine(from, "adapter"), _scratch["model"], TinyBert.Labels, 24);
            Assert.Equal(
                now.Adapters!.Saved().Select(parameter => parameter.Value.bytes.ToArray()),
                tuner.Adapters.Saved().Select(parameter => parameter.Value.bytes.ToArray()));
            Assert.True(Largest(Logits(earlier), Logits(now)) < 1e-5);
        }

        Train(method, "whole", from);
        Interrupt(Options(method) with { From = from });
        foreach (var file in Directory.GetFiles(_scratch["whole/adapter"]).Append(_scratch["whole/metrics.jsonl"]))
        {
            var other = file.Replace("/whole/", "/cut/", StringComparison.Ordinal);
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(other));
        }
    }

    [Fact]
    public void Run_FromAnEarlierOneWithAFrozenHead_LeavesTheHead()
    {
        Train("lora", "first");
        var options = Options("lora") with { From = _scratch["first"], TrainHead = false };
        using (var tuner = Tuner(options))
        {
            Assert.DoesNotContain(tuner.Adapters.Trained(), parameter => parameter.IsHead);
            tuner.Run(RunFolder.Create(_scratch["second"]), cancellation: Token);
        }

        using var before = TensorMap.Load(_scratch["first/adapter/adapter_model.safetensors"]);
        using var after = TensorMap.Load(_scratch["second/adapter/adapter_model.safetensors"]);
        const string Head = "base_model.model.classifier.weight", Query = "base_model.model.bert.encoder.layer.0.attention.self.query.lora_B.weight";
        Assert.Equal(before[Head].bytes.ToArray(), after[Head].bytes.ToArray());
        Assert.NotEqual(before[Query].bytes.ToArray(), after[Query].bytes.ToArray());
    }

    [Fact]
    public void Constructor_FromWhatDoesNotFit_Refuses()
    {
        Train("lora", "first");
        var options = Options("lora") with { From = _scratch["first"] };
        var error = Assert.Throws<ArgumentException>(() =>
            new TextFineTuner(options, TinyBert.Rows(24, classes: 2), TinyBert.Rows(12, classes: 2)));
        Assert.Contains("got a run on the classes bad, good, neither, but rows of the classes bad, good", error.Message, StringComparison.Ordinal);
        var shapes = Assert.Throws<InvalidDataException>(() => new TextFineTuner(
            options with { From = _scratch["first/adapter"] }, TinyBert.Rows(24, classes: 2), TinyBert.Rows(12, classes: 2)));
        Assert.Contains("classifier.weight: got [3, 16]; wanted [2, 16]", shapes.Message, StringComparison.Ordinal);
        Assert.Contains("without a classification head", Headless(options).Message, StringComparison.Ordinal);
        Train("full", "every");
        Assert.Throws<ArgumentException>(() => Tuner(options with { From = _scratch["every"] }));
        Assert.Throws<FileNotFoundException>(() => Tuner(options with { From = _scratch["model"] }));
    }

    [Fact]
    public void Load_ModelWithoutAHead_Refuses()
    {
        TinyBert.Write(_scratch["model"]);
        var error = Assert.Throws<InvalidDataException>(() => TextClassifier.Load(_scratch["model"]));
        Assert.Contains("got a model without a classification head", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadAndSave_LeaveNoTensorBehind()
    {
        Train("deep-lora");
        LeakGate.Closed(() =>
        {
            using (var run = TextClassifier.Load(_scratch["run"]))
            {
                run.SaveAdapter(_scratch["peft"], new PeftOptions { Tolerance = 0.1 });
                run.SaveModel(_scratch["merged"], new ModelWriterOptions { Dtype = TensorDtype.F16 });
            }

            TextClassifier.Load(_scratch["merged"]).Dispose();
            Assert.Throws<InvalidDataException>(() => TextClassifier.Load(_scratch["model"]));
        });
    }

    // An adapter of layers alone, as other programs save it for text generation.
    private InvalidDataException Headless(FineTuneOptions options)
    {
        using (var run = TextClassifier.Load(_scratch["first"]))
        {
            run.SaveAdapter(_scratch["headless"]);
        }

        var (config, weights) = (_scratch["headless/adapter_config.json"], _scratch["headless/adapter_model.safetensors"]);
        var json = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(config))!;
        json["modules_to_save"] = null;
        File.WriteAllText(config, json.ToJsonString());
        using (var tensors = TensorMap.Load(weights))
        {
            tensors.Take("base_model.model.classifier.weight").Dispose();
            tensors.Take("base_model.model.classifier.bias").Dispose();
            tensors.Save(weights);
        }

        return Assert.Throws<InvalidDataException>(() => Tuner(options with { From = _scratch["headless"] }));
    }

    private void Train(string method, string name = "run", string? from = null)
    {
        using var tuner = Tuner(Options(method) with { From = from });
        tuner.Run(RunFolder.Create(_scratch[name]), cancellation: Token);
    }

    private void Interrupt(FineTuneOptions options)
    {
        using (var source = new CancellationTokenSource())
        {
            using var tuner = Tuner(options);
            tuner.Run(RunFolder.Create(_scratch["cut"]), false, [new CancelAt(source, 5)], source.Token);
        }

        using var resumed = Tuner(RunFolder.Open(_scratch["cut"]).ReadOptions());
        resumed.Run(RunFolder.Open(_scratch["cut"]), resume: true, cancellation: Token);
    }

    private static TextFineTuner Tuner(FineTuneOptions options) => new(options, TinyBert.Rows(48), TinyBert.Rows(24, seed: 2));

    private static double[][] Logits(TextClassifier classifier) =>
        [.. classifier.Predict(Texts).Select(prediction => prediction.Logits.ToArray())];

    private static double Largest(double[][] one, double[][] other) =>
        one.Zip(other, (a, b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max()).Max();

    private FineTuneOptions Options(string method) => new()
    {
        ModelFolder = Directory.Exists(_scratch["model"]) ? _scratch["model"] : TinyBert.Write(_scratch["model"]),
        Adapter = method switch
        {
            "lora" => new LoraOptions { Rank = 4, Alpha = 4 },
            "dora" => new LoraOptions { Rank = 4, Alpha = 8, UseDora = true },
            "lora-xs" => new LoraXsOptions { Rank = 4 },
            "head-only" => new HeadOnlyOptions(),
            "full" => new FullOptions(),
            _ => new DeepLoraOptions { Rank = 4, InitialScale = 0.1 },
        },
        MaxLength = 24,
        Training = new TrainingOptions { Epochs = 2, BatchSize = 8, LearningRate = 0.02, HeadLearningRate = 0.02, Seed = 3 },
    };
}
