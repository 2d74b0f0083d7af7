using System.Diagnostics;
using LowRank.Adapters;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Runs;
using LowRank.FineTuning.Samples;

namespace LowRank.Cli.Demos;

/// <summary>One fine-tuning run of a demo, at the defaults that a user gets.</summary>
internal static class DemoTraining
{
    /// <summary>Trains a built-in model, leaves a run folder, and scores the kept weights on test rows.</summary>
    /// <param name="stage">Where progress goes.</param>
    /// <param name="data">What is learned from.</param>
    /// <param name="model">The built-in model's name.</param>
    /// <param name="testFile">Rows that chose nothing.</param>
    /// <param name="folder">The run folder; an earlier run in it is replaced.</param>
    /// <param name="adapter">The method.</param>
    public static DemoOutcome Run(
        DemoStage stage, FineTuneData data, string model, string testFile, string folder, AdapterOptions adapter)
    {
        stage.Stop.ThrowIfCancellationRequested();
        var (training, validation) = data.Read(stage.SeedNumber);
        var options = new FineTuneOptions
        {
            ModelFolder = BuiltInModel.Find(model)
                ?? throw new DirectoryNotFoundException($"models/{model}: it should lie beside the program and does not; install LowRank anew."),
            ModelName = model,
            Data = data,
            Adapter = adapter,
            Training = new() { Seed = stage.SeedNumber },
        };
        var watch = new DemoWatch(Path.GetFileName(folder));
        using var tuner = new TextFineTuner(options, training, validation);
        var clock = Stopwatch.StartNew();
        var result = tuner.Run(RunFolder.Create(folder, overwrite: true), observers: [watch], cancellation: stage.Stop);
        stage.Stop.ThrowIfCancellationRequested();
        var seconds = clock.Elapsed.TotalSeconds;
        var test = ExampleReader.Read(testFile, data.ReaderOptions(training.Labels));
        return new(
            adapter.Method,
            tuner.Adapters.CountParameters().Trainable,
            result,
            seconds,
            tuner.Evaluate(test).ToDictionary()[result.MainScore],
            test.Count,
            watch.Curve(result.MainScore));
    }
}
