using System.Text.Json;
using LowRank.Adapters;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Runs;
using LowRank.FineTuning.Training;
using LowRank.Testing;

namespace LowRank.FineTuning.Tests.Runs;

public sealed class TextFineTunerTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _scratch.Dispose();

    public static TheoryData<string, string, bool> Methods => new()
    {
        { "lora", "all-dense", true },
        { "deep-lora", "all-dense", true },
        { "compressed", "all-dense", true },
        { "compressed", "all-linear", false },
    };

    [Theory]
    [MemberData(nameof(Methods))]
    public void Run_SmallRows_AreLearnedAndPredictedFromTheFolder(string method, string targets, bool trainHead)
    {
        var options = Learnable(method) with { Targets = targets, TrainHead = trainHead };
        var (result, _) = Run(options, "run");
        if (trainHead)
        {
            Assert.InRange(result.BestScores.Single(score => score.Key == "accuracy").Value, 0.9, 1);
        }

        using var classifier = TextClassifier.Load(_scratch["run"]);
        var validation = TinyBert.Rows(30, seed: 2);
        var scores = classifier.Evaluate(validation);
        Assert.Equal(result.BestScores.Single(score => score.Key == "accuracy").Value, scores.Values["accuracy"]);
        Assert.Equal(result.BestScores.Single(score => score.Key == "macro_f1").Value, scores.Values["macro_f1"]);
    }

    [Theory]
    [InlineData("lora")]
    [InlineData("compressed")]
    public void Run_ResumedAfterACancel_LeavesTheSameBytesAsAnUninterruptedOne(string method)
    {
        Run(Options(method), "whole");
        using (var source = new CancellationTokenSource())
        {
            using var tuner = Tuner(Options(method));
            tuner.Run(RunFolder.Create(_scratch["cut"]), false, [new CancelAt(source, 5)], source.Token);
        }

        using (var tuner = Tuner(Options(method)))
        {
            tuner.Run(RunFolder.Open(_scratch["cut"]), resume: true, cancellation: Token);
        }

        foreach (var file in Directory.GetFiles(_scratch["whole/adapter"]).Append(_scratch["whole/metrics.jsonl"])
            .Append(_scratch["whole/start.safetensors"]))
        {
            var other = file.Replace("/whole/", "/cut/", StringComparison.Ordinal);
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(other));
        }
    }

    [Fact]
    public void HeadSeed_GivesAllRunsTheSameHead()
    {
        float[] Head(long seed, long? headSeed)
        {
            var options = Options("lora");
            using var tuner = Tuner(options with { HeadSeed = headSeed, Training = options.Training with { Seed = seed } });
            return [.. tuner.Model.get_parameter("classifier.weight")!.data<float>()];
        }

        Assert.Equal(Head(1, 0), Head(2, 0));
        Assert.NotEqual(Head(1, null), Head(2, null));
        Assert.Equal(Head(2, null), Head(1, 2));
    }

    [Fact]
    public void Train_OnABorrowedModel_IsTheRunOfAFreshOneAndLeavesNoTrace()
    {
        var (lora, deep) = (Options("lora"), Options("compressed"));
        var (rows, judged) = (TinyBert.Rows(24), TinyBert.Rows(30, seed: 2));
        using var shared = BaseClassifier.Load(lora.ModelFolder, rows);
        foreach (var options in new[] { lora, deep, lora })
        {
            using var alone = new TextFineTuner(options, rows, judged);
            using var borrowing = new TextFineTuner(options, shared, rows, judged);
            var (expected, result) = (alone.Train(cancellation: Token), borrowing.Train(cancellation: Token));
            Assert.Equal(expected.TrainingLoss, result.TrainingLoss);
            Assert.Equal(expected.BestScores, result.BestScores);
            Assert.Equal(result.BestScores, borrowing.Evaluate(judged));
        }
    }

    [Fact]
    public void Run_Numbers_AreLearned()
    {
        var options = Learnable("deep-lora") with { Targets = "all-dense" };
        using (var tuner = new TextFineTuner(options, TinyBert.NumberRows(96), TinyBert.NumberRows(30, 2)))
        {
            var result = tuner.Run(RunFolder.Create(_scratch["run"]), cancellation: Token);
            Assert.Equal("pearson", result.MainScore);
            Assert.True(result.BestScores.Single(score => score.Key == "pearson").Value > 0.9);
        }

        using var scorer = TextClassifier.Load(_scratch["run"]);
        Assert.Empty(scorer.Labels);
        var prediction = scorer.Predict("the film was great .");
        Assert.Null(prediction.Label);
        Assert.InRange(prediction.Score, 0.5, 1.5);
    }

    [Fact]
    public void Run_Folder_ExplainsItself()
    {
        var (result, options) = Run(Options("deep-lora") with { ModelName = "tiny/bert" }, "run");
        var folder = RunFolder.Open(_scratch["run"]);
        Assert.Equal(JsonSerializer.Serialize(options), JsonSerializer.Serialize(folder.ReadOptions()));
        Assert.Equal(TinyBert.Labels, folder.ReadLabels());
        Assert.Equal(JsonSerializer.Serialize(result), JsonSerializer.Serialize(folder.ReadResult()));
        var readme = File.ReadAllText(folder.ReadmeFile);
        Assert.Contains("# deep-lora on tiny/bert", readme, StringComparison.Ordinal);
        Assert.Contains("Tells 3 labels apart: bad, good, neither.", readme, StringComparison.Ordinal);
        Assert.Contains("trainable params: ", readme, StringComparison.Ordinal);
        foreach (var file in Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName))
        {
            Assert.True(file == "README.md" || readme.Contains($"| {file}", StringComparison.Ordinal), file);
        }
    }

    [Fact]
    public void Run_Start_IsThatOfTheAdaptersBeforeTheFirstStep()
    {
        using var tuner = Tuner(Options("compressed"));
        AdapterSpectrum.WriteStart(_scratch["before.safetensors"], tuner.Adapters);
        tuner.Run(RunFolder.Create(_scratch["run"]), cancellation: Token);
        Assert.Equal(File.ReadAllBytes(_scratch["before.safetensors"]), File.ReadAllBytes(_scratch["run/start.safetensors"]));
    }

    [Fact]
    public void Run_UntrainedPooler_IsTrainedWithTheHead()
    {
        var folder = TinyBert.Write(_scratch["model"]);
        using (var weights = LowRank.Tensors.TensorMap.Load(Path.Combine(folder, "model.safetensors")))
        {
            weights.Take("bert.pooler.dense.weight").Dispose();
            weights.Take("bert.pooler.dense.bias").Dispose();
            weights.Save(Path.Combine(folder, "model.safetensors"));
        }

        using var tuner = Tuner(Options("lora"));
        Assert.Equal(["classifier", "bert.pooler.dense"], tuner.Adapters.HeadPaths);
        Assert.DoesNotContain(
            tuner.Adapters.Adapters, adapter => adapter.Layer.Path.Contains("pooler", StringComparison.Ordinal));
    }

    [Fact]
    public void Create_FolderInUse_Refuses()
    {
        Run(Options("lora"), "run");
        var error = Assert.Throws<IOException>(() => RunFolder.Create(_scratch["run"]));
        Assert.Contains("the folder is not empty", error.Message, StringComparison.Ordinal);
        RunFolder.Create(_scratch["run"], overwrite: true);
        Assert.Empty(Directory.GetFileSystemEntries(_scratch["run"]));
        Directory.CreateDirectory(_scratch["photos"]);
        File.WriteAllText(_scratch["photos/one.txt"], "mine");
        Assert.Throws<IOException>(() => RunFolder.Create(_scratch["photos"], overwrite: true));
    }

    [Fact]
    public void ReadOptions_UnknownOption_IsNamed()
    {
        File.WriteAllText(_scratch["config.json"], """{"model_folder": "m", "learning_speed": 3}""");
        var error = Assert.Throws<InvalidDataException>(() => RunFolder.ReadOptions(_scratch["config.json"]));
        Assert.Contains("learning_speed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadOptions_WrittenByHand_TakesDefaults()
    {
        File.WriteAllText(
            _scratch["config.json"],
            """{"model_folder": "m", "adapter": {"rank": 4, "form": "compressed", "method": "deep-lora"}}""");
        var options = RunFolder.ReadOptions(_scratch["config.json"]);
        Assert.Equal(new DeepLoraOptions { Rank = 4, Form = DeepLoraForm.Compressed }, options.Adapter);
        Assert.Equal("all-linear", options.Targets);
        Assert.Equal(new TrainingOptions(), options.Training);
    }

    [Fact]
    public void Run_KilledBeforeItsFirstCheckpoint_BeginsAgain()
    {
        Run(Options("lora"), "whole");
        Run(Options("lora"), "cut");
        Directory.Delete(_scratch["cut/checkpoint"], recursive: true);
        using var tuner = Tuner(Options("lora"));
        tuner.Run(RunFolder.Open(_scratch["cut"]), resume: true, cancellation: Token);
        Assert.Equal(File.ReadAllBytes(_scratch["whole/metrics.jsonl"]), File.ReadAllBytes(_scratch["cut/metrics.jsonl"]));
    }

    [Fact]
    public void ClassWeights_ByLabel_ChangeTheLossOfTheirRows()
    {
        var rows = TinyBert.Rows(12);
        Assert.Equal([1, 3, 1], rows.ClassWeights(new Dictionary<string, double> { ["good"] = 3 }));
        Assert.Throws<ArgumentException>(() => rows.ClassWeights(new Dictionary<string, double> { ["fine"] = 3 }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => rows.ClassWeights(new Dictionary<string, double> { ["good"] = 0 }));
        var weighted = Options("lora") with { ClassWeights = new Dictionary<string, double> { ["good"] = 3 } };
        var (plain, _) = Run(Options("lora"), "plain");
        var (heavy, _) = Run(weighted, "heavy");
        Assert.NotEqual(plain.TrainingLoss, heavy.TrainingLoss);
        Assert.Equal(3, RunFolder.Open(_scratch["heavy"]).ReadOptions().ClassWeights["good"]);
        Assert.Throws<ArgumentException>(() => Tuner(weighted with { BalanceClasses = true }));
    }

    [Fact]
    public void Data_OfARun_TellsLengthsInTokens()
    {
        Run(Options("lora") with { MaxLength = 8 }, "run");
        var data = JsonDocument.Parse(File.ReadAllText(_scratch["run/data.json"])).RootElement;
        var tokens = data.GetProperty("training").GetProperty("tokens");
        Assert.Equal(8, tokens.GetProperty("limit").GetInt32());
        Assert.InRange(tokens.GetProperty("truncated").GetInt32(), 1, 95);
        Assert.Equal(30, data.GetProperty("validation").GetProperty("tokens").GetProperty("tokens").GetProperty("count").GetInt32());
    }

    [Fact]
    public void Constructor_TokenizerOfAnotherModel_Refuses()
    {
        var folder = TinyBert.Write(_scratch["model"]);
        File.AppendAllLines(Path.Combine(folder, "vocab.txt"), ["more", "words"]);
        var error = Assert.Throws<InvalidDataException>(() => Tuner(Options("lora")));
        Assert.Contains("The tokenizer is of another model", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_Faults_AreRefusedAndLeaveNothingBehind()
    {
        var rows = TinyBert.Rows(12);
        TinyBert.Write(_scratch["model"]);
        LeakGate.Closed(() =>
        {
            Assert.Throws<ArgumentException>(() => Tuner(Options("lora") with { Targets = "q_proj" }));
            Assert.Throws<ArgumentException>(() =>
                Tuner(Options("lora") with { Adapter = new LoraOptions { Rank = 17 } }));
            Assert.Throws<ArgumentException>(() => Tuner(Options("lora") with { Metric = "pearson" }));
            Assert.Throws<ArgumentException>(() =>
                new TextFineTuner(Options("lora"), rows, TinyBert.Rows(12, classes: 2)));
            var alike = ExampleSet.Of([.. rows.Examples.Where(row => row.Target == 1)], rows.Labels);
            Assert.Throws<InvalidDataException>(() => new TextFineTuner(Options("lora"), alike, rows));
        });
    }

    private (TrainingResult Result, FineTuneOptions Options) Run(FineTuneOptions options, string name)
    {
        using var tuner = Tuner(options);
        return (
            tuner.Run(RunFolder.Create(_scratch[name]), cancellation: Token), options);
    }

    private static TextFineTuner Tuner(FineTuneOptions options) =>
        new(options, TinyBert.Rows(96), TinyBert.Rows(30, seed: 2));

    // Without dropout and with time enough, even a model this small learns its rows.
    private FineTuneOptions Learnable(string method)
    {
        TinyBert.Write(_scratch["model"], dropout: 0);
        var options = Options(method);
        return options with
        {
            Training = options.Training with
            {
                Epochs = 40,
                Patience = 0,
                LearningRate = method == "compressed" ? 0.03 : 0.02,
            },
        };
    }

    private FineTuneOptions Options(string method) => new()
    {
        ModelFolder = Directory.Exists(_scratch["model"]) ? _scratch["model"] : TinyBert.Write(_scratch["model"]),
        Adapter = method switch
        {
            "lora" => new LoraOptions { Rank = 4 },
            "deep-lora" => new DeepLoraOptions { Rank = 4, InitialScale = 0.1, Form = DeepLoraForm.Narrow },
            _ => new DeepLoraOptions
            {
                Rank = 4,
                InitialScale = 0.1,
                Form = DeepLoraForm.Compressed,
                OuterRateRatio = 0.1,
            },
        },
        MaxLength = 24,
        Training = new TrainingOptions
        {
            Epochs = 5,
            BatchSize = 8,
            LearningRate = 0.02,
            HeadLearningRate = 0.02,
            Patience = 4,
            Seed = 3,
        },
    };
}
