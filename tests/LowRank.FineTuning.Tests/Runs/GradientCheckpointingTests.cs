using LowRank.Adapters;
using LowRank.FineTuning.Runs;
using LowRank.FineTuning.Training;
using LowRank.Testing;
using LowRank.Transformers.Encoders;

namespace LowRank.FineTuning.Tests.Runs;

public sealed class GradientCheckpointingTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public static TheoryData<AdapterOptions> Adapters =>
    [
        new LoraOptions { Rank = 4, Dropout = 0.2 },
        new LoraOptions { Rank = 4, UseDora = true },
        new LoraXsOptions { Rank = 4 },
        new DeepLoraOptions { Rank = 4, Dropout = 0.2 },
        new HeadOnlyOptions(),
    ];

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [MemberData(nameof(Adapters))]
    public void Run_ActivationsComputedAgain_LeavesTheVeryNumbers(AdapterOptions adapter)
    {
        var model = TinyBert.Write(_scratch["model"]);
        foreach (var again in new[] { false, true })
        {
            var options = new FineTuneOptions
            {
                ModelFolder = model,
                Adapter = adapter,
                MaxLength = 24,
                GradientCheckpointing = again,
                Training = new TrainingOptions { Steps = 6, BatchSize = 8, AccumulationSteps = 2, Seed = 3 },
            };
            using var tuner = new TextFineTuner(options, TinyBert.Rows(40), TinyBert.Rows(10, seed: 2));
            Assert.Equal(again, ((SequenceClassifier)tuner.Model).GradientCheckpointing);
            tuner.Run(RunFolder.Create(_scratch[$"{again}"]), cancellation: TestContext.Current.CancellationToken);
        }

        foreach (var file in new[] { MetricsFile.FileName, $"adapter/{PeftFolder.WeightsName}" })
        {
            Assert.Equal(File.ReadAllBytes(_scratch[$"False/{file}"]), File.ReadAllBytes(_scratch[$"True/{file}"]));
        }
    }
}
