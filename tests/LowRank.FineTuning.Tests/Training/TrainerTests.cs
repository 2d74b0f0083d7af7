using LowRank.Adapters;
using LowRank.FineTuning.Checkpoints;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Testing;
using TorchSharp;

namespace LowRank.FineTuning.Tests.Training;

public sealed class TrainerTests : IDisposable
{
    private const int StepsPerEpoch = 3;

    private static readonly TrainingOptions Options = new()
    {
        Epochs = 4,
        BatchSize = 8,
        AccumulationSteps = 2,
        LearningRate = 0.02,
        HeadLearningRate = 0.02,
        Schedule = new LearningRateSchedule { WarmupSteps = 2 },
        Seed = 5,
    };

    private readonly ScratchFolder _scratch = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("lora")]
    [InlineData("deep-lora")]
    public void Run_SmallData_IsLearnedAndEndsWithTheBest(string method)
    {
        using var session = new Session(method, Options with { Epochs = 100, EvaluateEvery = StepsPerEpoch, Patience = 20 }, null);
        var result = session.Trainer.Run(cancellation: Token);
        Assert.Equal(1, result.BestScores.Single(score => score.Key == "accuracy").Value);
        Assert.Equal("accuracy", result.MainScore);
        Assert.Equal(StopReason.NoImprovement, result.Reason);
        Assert.Equal(result.Steps, result.KeptStep + (20 * StepsPerEpoch));
        Assert.Equal(1, session.Task.Evaluate()[1].Value);
        Assert.False(session.Task.Training);
        Assert.Equal(result.Steps, result.Throughput.Steps);
        Assert.True(result.Throughput.PeakMemoryBytes > 0);
    }

    [Theory]
    [InlineData("lora")]
    [InlineData("deep-lora")]
    public void Run_TwiceWithOneSeed_WritesTheSameMetricsAndWeights(string method)
    {
        var (first, metrics) = RunWhole(method, "first");
        var (second, again) = RunWhole(method, "second");
        Assert.Equal(metrics, again);
        Assert.Equal(first, second);
        Assert.Equal(16, metrics.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.NotEqual(metrics, RunWhole(method, "third", Options with { Seed = 6 }).Metrics);
    }

    [Theory]
    [InlineData("lora")]
    [InlineData("deep-lora")]
    public void Run_KilledAnywhereAndResumed_EqualsTheUninterruptedByteForByte(string method)
    {
        var options = Options with { CheckpointEvery = 2, Patience = 0 };
        var whole = RunWhole(method, "whole", options);
        for (var kill = 1; kill <= 12; kill++)
        {
            var folder = $"kill-{kill}";
            using (var killed = new Session(method, options, _scratch[folder], new Killer(kill)))
            {
                Assert.Throws<OperationCanceledException>(() => killed.Trainer.Run(cancellation: Token));
            }

            using var resumed = new Session(method, options, _scratch[folder]);
            var started = File.Exists(Path.Combine(_scratch[folder], Checkpoint.FileName));
            var result = resumed.Trainer.Run(resume: started, Token);
            Assert.Equal(12, result.Steps);
            Assert.Equal(whole.Weights, resumed.Weights());
            Assert.Equal(whole.Metrics, resumed.Metrics());
        }
    }

    [Fact]
    public void Run_Cancelled_SavesAndGoesOnExactly()
    {
        var whole = RunWhole("lora", "whole");
        using (var source = new CancellationTokenSource())
        using (var cancelled = new Session("lora", Options, _scratch["run"], new Canceller(source, 5)))
        {
            var result = cancelled.Trainer.Run(cancellation: source.Token);
            Assert.Equal(StopReason.Cancelled, result.Reason);
            Assert.Equal(5, result.Steps);
        }

        using var resumed = new Session("lora", Options, _scratch["run"]);
        Assert.Equal(StopReason.Completed, resumed.Trainer.Run(true, Token).Reason);
        Assert.Equal(whole.Weights, resumed.Weights());
        Assert.Equal(whole.Metrics, resumed.Metrics());
    }

    [Fact]
    public void Run_ResumedWhenDone_ChangesNothing()
    {
        var whole = RunWhole("lora", "run");
        using var again = new Session("lora", Options, _scratch["run"]);
        Assert.Equal(StopReason.Completed, again.Trainer.Run(true, Token).Reason);
        Assert.Equal(whole.Weights, again.Weights());
        Assert.Equal(whole.Metrics, again.Metrics());
    }

    [Fact]
    public void Run_ResumedWithOtherOptions_ListsWhatDiffers()
    {
        RunWhole("lora", "run");
        using var other = new Session("lora", Options with { LearningRate = 0.5, BatchSize = 4 }, _scratch["run"]);
        var error = Assert.Throws<InvalidDataException>(() => other.Trainer.Run(resume: true, Token));
        Assert.Contains("BatchSize: the checkpoint has 8, this run 4", error.Message, StringComparison.Ordinal);
        Assert.Contains("LearningRate: the checkpoint has 0.02, this run 0.5", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_ResumedFromADamagedCheckpoint_Refuses()
    {
        RunWhole("lora", "run");
        var path = Path.Combine(_scratch["run"], Checkpoint.FileName);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^100]);
        using var session = new Session("lora", Options, _scratch["run"]);
        Assert.Throws<InvalidDataException>(() => session.Trainer.Run(resume: true, Token));
    }

    [Fact]
    public void Run_CheckpointCannotBeWritten_EndsWithTheLastOneIntact()
    {
        var folder = _scratch["run"];
        using var session = new Session("lora", Options with { CheckpointEvery = 3 }, folder);
        byte[] last = [];
        session.Extra.Seen = happened =>
        {
            if (happened is TrainingEvent.Stepped { Step: 6 })
            {
                // A file in the place of the folder: as final as a full disk, for root too.
                last = File.ReadAllBytes(Path.Combine(folder, Checkpoint.FileName));
                Directory.Move(folder, folder + "-kept");
                File.WriteAllText(folder, "");
            }
        };
        Assert.ThrowsAny<IOException>(() => session.Trainer.Run(cancellation: Token));
        Assert.Equal(last, File.ReadAllBytes(Path.Combine(folder + "-kept", Checkpoint.FileName)));
    }

    [Fact]
    public void Run_ResumedWithoutACheckpoint_SaysSo()
    {
        using var session = new Session("lora", Options, _scratch["run"]);
        Assert.Throws<FileNotFoundException>(() => session.Trainer.Run(resume: true, Token));
    }

    [Theory]
    [InlineData(double.NaN, StopReason.LossNotFinite)]
    [InlineData(double.PositiveInfinity, StopReason.LossNotFinite)]
    public void Run_LossNotFinite_StopsWithTheBestWeights(double value, StopReason reason)
    {
        using var session = new Session("lora", Options with { Epochs = 6 }, _scratch["run"]);
        var steps = 0;
        session.Task.Spoil = loss => ++steps > 15 ? loss * value : loss;
        var result = session.Trainer.Run(cancellation: Token);
        Assert.Equal(reason, result.Reason);
        Assert.InRange(result.Steps, 6, 10);
        Assert.True(result.KeptStep is 3 or 6 or 9);
        Assert.Equal(
            result.BestScores.Single(score => score.Key == "loss").Value, session.Task.Evaluate()[0].Value, 1e-12);
    }

    [Fact]
    public void Run_GradientNotFinite_StopsBeforeTheUpdate()
    {
        using var session = new Session("lora", Options, null);
        session.Task.Spoil = loss => (loss - loss).sqrt();
        var before = session.Weights();
        var result = session.Trainer.Run(cancellation: Token);
        Assert.Equal(StopReason.GradientNotFinite, result.Reason);
        Assert.Equal(0, result.Steps);
        Assert.Equal(before, session.Weights());
    }

    [Fact]
    public void Run_AdapterOutsideTheLoss_IsNamedAtTheFirstStep()
    {
        using var session = new Session("lora", Options, null);
        session.Task.Spoil = _ => session.Model.get_parameter("classifier.bias")!.sum();
        var error = Assert.Throws<InvalidOperationException>(() => session.Trainer.Run(cancellation: Token));
        Assert.Contains("embeddings.lora_A", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_Accumulation_EqualsTheLargerBatch()
    {
        TrainingOptions Split(int size, int parts) => Options with
        {
            BatchSize = size,
            AccumulationSteps = parts,
            Optimizer = new AdamWOptions { Epsilon = 1e-4 },
        };
        using var one = new Session("plain", Split(16, 1), null);
        using var four = new Session("plain", Split(4, 4), null);
        one.Trainer.Run(cancellation: Token);
        four.Trainer.Run(cancellation: Token);
        foreach (var (expected, actual) in one.Weights().Zip(four.Weights()))
        {
            Assert.Equal(expected.Length, actual.Length);
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        }
    }

    [Fact]
    public void Run_OverAndOver_LeavesNoTensorBehind()
    {
        using var session = new Session("deep-lora", Options with { Epochs = 100, EvaluateEvery = StepsPerEpoch, Patience = 0 }, _scratch["run"]);
        var live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var counts = new List<long>();
        session.Extra.Seen = happened =>
        {
            if (happened is TrainingEvent.Stepped { Step: > 3 })
            {
                counts.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount - live);
            }
        };
        session.Trainer.Run(cancellation: Token);
        Assert.Equal(297, counts.Count);
        Assert.Single(counts.Distinct());
    }

    [Fact]
    public void Constructor_BadOptions_SaysWhich()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            () => new Session("lora", Options with { BatchSize = 0 }, null));
        Assert.Contains("BatchSize: got 0; wanted at least 1", error.Message, StringComparison.Ordinal);
        Assert.ThrowsAny<ArgumentException>(
            () => new Session("lora", Options with { LearningRate = double.NaN }, null));
        Assert.ThrowsAny<ArgumentException>(() => new Session("lora", Options with { Steps = 0 }, null));
    }

    private (List<float[]> Weights, string Metrics) RunWhole(
        string method, string folder, TrainingOptions? options = null)
    {
        using var session = new Session(method, options ?? Options, _scratch[folder]);
        session.Trainer.Run(cancellation: Token);
        return (session.Weights(), session.Metrics());
    }

    private sealed class Session : IDisposable
    {
        private readonly AdapterSet _set;
        private readonly string? _folder;

        public Session(string method, TrainingOptions options, string? folder, TrainingObserver? observer = null)
        {
            _folder = folder;
            Model = new ToyEncoder(Seed.From(9));
            _set = method == "plain"
                ? AdapterSet.Attach(
                    Model,
                    new LoraOptions { Rank = 4 },
                    TargetSelector.ByName("query", "dense"),
                    Seed.From(3),
                    ["classifier"])
                : ToyTask.Attach(Model, method);
            Task = new ToyTask(Model);
            var observers = new List<TrainingObserver> { Extra };
            if (folder is not null)
            {
                observers.Add(new MetricsFile(Path.Combine(folder, MetricsFile.FileName)));
            }

            if (observer is not null)
            {
                observers.Add(observer);
            }

            Trainer = new Trainer(Task, _set, options, observers, folder);
        }

        public ToyEncoder Model { get; }

        public ToyTask Task { get; }

        public Trainer Trainer { get; }

        public Watcher Extra { get; } = new();

        public List<float[]> Weights() =>
            [.. _set.Saved().Select(parameter => parameter.Value.data<float>().ToArray())];

        public string Metrics() => File.ReadAllText(Path.Combine(_folder!, MetricsFile.FileName));

        public void Dispose()
        {
            Trainer.Dispose();
            _set.Dispose();
            Model.Dispose();
        }
    }

    private sealed class Watcher : TrainingObserver
    {
        public Action<TrainingEvent> Seen { get; set; } = _ => { };

        public override void Observe(TrainingEvent happened) => Seen(happened);
    }

    /// <summary>Dies right after a step, before anything of it is saved.</summary>
    private sealed class Killer(int step) : TrainingObserver
    {
        public override void Observe(TrainingEvent happened)
        {
            if (happened is TrainingEvent.Stepped stepped && stepped.Step == step)
            {
                throw new OperationCanceledException();
            }
        }
    }

    private sealed class Canceller(CancellationTokenSource source, int step) : TrainingObserver
    {
        public override void Observe(TrainingEvent happened)
        {
            if (happened is TrainingEvent.Stepped stepped && stepped.Step == step)
            {
                source.Cancel();
            }
        }
    }
}
