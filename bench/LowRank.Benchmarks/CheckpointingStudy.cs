using System.Diagnostics;
using System.Globalization;
using LowRank.Adapters;
using LowRank.Tensors;
using LowRank.Transformers.Bert;

namespace LowRank.Benchmarks;

/// <summary>
/// A LoRA step (rank 8, every linear layer, dropout on) of a BERT-base-shaped model on rows of 512 tokens, with the
/// activations kept and computed again: seconds, and the peak memory above the resting model.
/// </summary>
internal static class CheckpointingStudy
{
    public static void Run(StudyArguments arguments)
    {
        Console.WriteLine(StudyArguments.Machine());
        var seed = Seed.From(7);
        using var model = new BertForSequenceClassification(new BertConfig { Labels = ["score"] });
        model.Initialize(seed.For("model"));
        model.train();
        var rows = arguments.Integer("--rows", 4);
        var length = arguments.Integer("--length", 512);
        var repeats = arguments.Integer("--repeats", 3);
        var data = StepData.Draw([.. Enumerable.Repeat(length, rows)], seed);
        using var step = new PackedStep("lora", model, new LoraOptions(), data);
        step.Step(data);
        var resting = PeakMemory.Of(() => { });
        Console.WriteLine($"{rows} rows of {length} tokens; the resting process holds {resting:F0} MiB");
        Console.WriteLine($"{"activations",-18}{"s/step",8}{"cpu s",8}{"peak MiB",10}{"above rest",12}");
        foreach (var again in new[] { false, true })
        {
            model.GradientCheckpointing = again;
            var peak = PeakMemory.Of(() => step.Step(data));
            var processor = Environment.CpuUsage.TotalTime;
            var seconds = Enumerable.Range(0, repeats).Select(_ =>
            {
                var watch = Stopwatch.StartNew();
                step.Step(data);
                return watch.Elapsed.TotalSeconds;
            }).ToArray();
            var cpu = (Environment.CpuUsage.TotalTime - processor).TotalSeconds / repeats;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{(again ? "computed again" : "kept"),-18}{StudyArguments.Median(seconds),8:F2}{cpu,8:F2}"
                    + $"{peak,10:F0}{peak - resting,12:F0}"));
        }
    }
}
