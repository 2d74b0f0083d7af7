using LowRank.FineTuning.Runs;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Testing;

namespace LowRank.FineTuning.Tests.Runs;

public sealed class DeviceTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Run_OnTheProcessor_DoesNotSayItsDevice()
    {
        Train(null, "run");
        Assert.DoesNotContain("device", File.ReadAllText(RunFolder.Open(_scratch["run"]).ConfigFile), StringComparison.Ordinal);
    }

    [Fact]
    public void Tuner_NoSuchDevice_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => Train("gpu", "run"));
        Assert.SkipWhen(ComputeDevice.HasCuda(), "this libtorch has CUDA");
        Assert.Throws<PlatformNotSupportedException>(() => Train("cuda", "run"));
    }

    [Fact]
    public void Run_OnACard_IsTheRunOfTheProcessorButForRounding()
    {
        Assert.SkipUnless(ComputeDevice.CountCards() > 0, "no CUDA card here");
        var (here, there) = (Train(null, "here"), Train("cuda", "there"));
        Assert.Equal(here.TrainingLoss, there.TrainingLoss, 1e-3);
        Assert.Contains("\"device\": \"cuda\"", File.ReadAllText(RunFolder.Open(_scratch["there"]).ConfigFile), StringComparison.Ordinal);
        using var onCard = TextClassifier.Load(_scratch["there"], device: ComputeDevice.Open("cuda"));
        using var onProcessor = TextClassifier.Load(_scratch["there"]);
        var rows = TinyBert.Rows(30, seed: 2).Examples;
        Assert.All(onCard.Logits(rows).Zip(onProcessor.Logits(rows)), pair =>
            Assert.All(pair.First.Zip(pair.Second), numbers => Assert.Equal(numbers.First, numbers.Second, 1e-4)));
    }

    private TrainingResult Train(string? device, string name)
    {
        var options = new FineTuneOptions
        {
            ModelFolder = TinyBert.Write(_scratch["model"], dropout: 0),
            Device = device,
            Training = new() { Steps = 20, EvaluateEvery = 20 },
        };
        using var tuner = new TextFineTuner(options, TinyBert.Rows(60), TinyBert.Rows(30, seed: 2));
        return tuner.Run(RunFolder.Create(_scratch[name]), cancellation: TestContext.Current.CancellationToken);
    }
}
