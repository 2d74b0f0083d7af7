using LowRank.Experiments.Comparisons;
using LowRank.FineTuning.Runs;
using LowRank.FineTuning.Tests.Runs;
using LowRank.Testing;

namespace LowRank.Experiments.Tests.Comparisons;

/// <summary>A comparison on a tiny random BERT that takes a second.</summary>
internal static class TinyComparison
{
    /// <summary>Writes model and data into a folder and gives the options of a small grid on them.</summary>
    public static ComparisonOptions Write(ScratchFolder scratch, int rows = 90, bool numbers = false)
    {
        TinyBert.Write(scratch["model"]);
        var data = scratch["data.csv"];
        var examples = numbers ? TinyBert.NumberRows(rows) : TinyBert.Rows(rows);
        File.WriteAllLines(data, examples.Examples
            .Select(example => numbers
                ? FormattableString.Invariant($"{example.Text},{example.Target}")
                : $"{example.Text},{TinyBert.Labels[example.ClassIndex]}")
            .Prepend("text,label"));
        return new()
        {
            Common = new FineTuneOptions
            {
                ModelFolder = scratch["model"],
                MaxLength = 24,
                Data = new FineTuneData { TrainingFile = data },
                Training = new() { Steps = 4, BatchSize = 6, EvaluateEvery = 2, Patience = 0, HeadLearningRate = 0.01 },
            },
            Methods = ["lora", "rslora", "deep-lora"],
            Ranks = [2],
            Samples = [6, 12],
            LearningRates = [new(0.02, false)],
            Seeds = [0, 1],
        };
    }
}
