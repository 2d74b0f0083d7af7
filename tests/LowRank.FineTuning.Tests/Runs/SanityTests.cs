using LowRank.Adapters;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Runs;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Testing;

namespace LowRank.FineTuning.Tests.Runs;

/// <summary>What any sound fine-tuning can do: learn a handful of rows by heart, and probe frozen features.</summary>
public sealed class SanityTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    public static TheoryData<AdapterOptions, double> Adapters => new()
    {
        { new LoraOptions { Rank = 4 }, 0.02 },
        { new DeepLoraOptions { Rank = 4, InitialScale = 0.1, Form = DeepLoraForm.Narrow }, 0.02 },
        { new DeepLoraOptions { Rank = 4, InitialScale = 0.1, Form = DeepLoraForm.Compressed, OuterRateRatio = 0.1 }, 0.03 },
    };

    [Theory]
    [MemberData(nameof(Adapters))]
    public void Run_SixteenPairs_AreLearnedByHeartByTheAdapterAlone(AdapterOptions adapter, double rate)
    {
        var rows = TinyBert.Pairs(16);
        var options = Options(adapter, rate, 0.02) with { TrainHead = false };
        Assert.Equal(1, Accuracy(options, rows, rows));
    }

    // Sixteen features separate twelve rows in whatever way they are labelled: a probe that cannot is broken.
    [Fact]
    public void Run_HeadOnly_IsALinearProbe()
    {
        var rows = TinyBert.Rows(12);
        var options = Options(new HeadOnlyOptions(), 0.02, 0.2);
        options = options with { Training = options.Training with { Epochs = 200 } };
        Assert.Equal(1, Accuracy(options, rows, rows));
    }

    [Fact]
    public void Run_LabelsThatTheTextsDoNotTell_StayAtChance()
    {
        var random = Seed.From(4).Random();
        ExampleSet Shuffled(ExampleSet rows) => ExampleSet.Of(
            [.. rows.Examples.Select(example => example with { Target = random.Next(3) })], rows.Labels);
        var options = Options(new LoraOptions { Rank = 4 }, 0.02, 0.02);
        options = options with { Training = options.Training with { KeepBest = false } };
        Accuracy(options, Shuffled(TinyBert.Rows(96)), TinyBert.Rows(60, seed: 2));
        using var classifier = TextClassifier.Load(_scratch["run"]);
        Assert.InRange(classifier.Evaluate(TinyBert.Rows(300, seed: 3)).Values["accuracy"], 0.15, 0.55);
    }

    private double Accuracy(FineTuneOptions options, ExampleSet training, ExampleSet validation)
    {
        using var tuner = new TextFineTuner(options, training, validation);
        var result = tuner.Run(RunFolder.Create(_scratch["run"]), cancellation: TestContext.Current.CancellationToken);
        return result.BestScores.Single(score => score.Key == "accuracy").Value;
    }

    private FineTuneOptions Options(AdapterOptions adapter, double rate, double headRate) => new()
    {
        ModelFolder = TinyBert.Write(_scratch["model"], dropout: 0),
        Adapter = adapter,
        Targets = "all-dense",
        MaxLength = 24,
        Training = new TrainingOptions
        {
            Epochs = 40,
            BatchSize = 8,
            LearningRate = rate,
            HeadLearningRate = headRate,
            Patience = 0,
            Seed = 3,
        },
    };
}
