using System.Diagnostics;
using System.Globalization;
using LowRank.Adapters;
using LowRank.Tensors;
using LowRank.Transformers.Bert;
using TorchSharp;

namespace LowRank.Benchmarks;

/// <summary>
/// One LoRA training step (rank 8, every linear layer) of a BERT-base-shaped model, four ways, interleaved on the same
/// batches of sentences with lengths like STS-B's: padded to 128 with dense updates (the way of the paper's code),
/// padded to the longest with factors (PEFT's way), packed (ours), and the floor: the frozen products of the real
/// tokens, forward and input gradient, nothing else.
/// </summary>
internal static class StepTimeStudy
{
    private const int BatchSize = 16;
    private const int Rank = 8;

    /// <summary>Arguments: batches (default 6), repeats (default 3), dropout rate (default 0), threads (default all).</summary>
    public static void Run(string[] args)
    {
        var batches = Argument(args, 0, 6);
        var repeats = Argument(args, 1, 3);
        var dropout = args.Length > 2 ? double.Parse(args[2], CultureInfo.InvariantCulture) : 0;
        if (args.Length > 3)
        {
            torch.set_num_threads(Argument(args, 3, 2));
        }

        var seed = Seed.From(7);
        var config = new BertConfig { Labels = ["score"], HiddenDropout = dropout, AttentionDropout = dropout, HeadDropout = dropout };
        using var model = new BertForSequenceClassification(config);
        model.Initialize(seed.For("model"));
        model.train();
        foreach (var parameter in model.parameters())
        {
            _ = parameter.requires_grad_(false);
        }

        var rows = StsbLikeLengths.Batches(seed.For("lengths"), batches, BatchSize);
        Console.WriteLine(StsbLikeLengths.Describe(rows));
        var first = StepData.Draw(rows[0], seed);
        var compressed = new DeepLoraOptions { Rank = Rank, Form = DeepLoraForm.Compressed };
        StepWay[] ways =
        [
            new PaddedStep("padded to 128, dense update", model, 128, dense: true, Rank, dropout),
            new PaddedStep("padded to longest, factors", model, 0, dense: false, Rank, dropout),
            new PackedStep("packed, bare pairs", model, Rank),
            new AdapterStep("packed, LoRA (ours)", model, new LoraOptions { Rank = Rank }, first),
            new AdapterStep("packed, Deep LoRA narrow", model, new DeepLoraOptions { Rank = Rank }, first),
            new AdapterStep("packed, Deep LoRA compressed", model, compressed, first),
            new FloorStep("floor: frozen products", model),
        ];
        if (args.Length > 4)
        {
            ways = [.. args[4].Select(letter => ways[letter - 'a'])];
        }

        Report(ways, rows, repeats, seed);
        foreach (var way in ways.OfType<IDisposable>())
        {
            way.Dispose();
        }
    }

    private static void Report(StepWay[] ways, int[][] rows, int repeats, Seed seed)
    {
        var data = Array.ConvertAll(rows, lengths => StepData.Draw(lengths, seed));
        var times = new double[ways.Length][];
        var cpu = new double[ways.Length];
        var peaks = new double[ways.Length];
        for (var w = 0; w < ways.Length; w++)
        {
            times[w] = new double[data.Length];
            ways[w].Step(data[0]);
            peaks[w] = PeakMemory.Of(() => ways[w].Step(data[0]));
        }

        for (var b = 0; b < data.Length; b++)
        {
            var samples = ways.Select(_ => new double[repeats]).ToArray();
            for (var r = 0; r < repeats; r++)
            {
                for (var w = 0; w < ways.Length; w++)
                {
                    var before = Environment.CpuUsage.TotalTime;
                    var watch = Stopwatch.StartNew();
                    ways[w].Step(data[b]);
                    samples[w][r] = watch.Elapsed.TotalSeconds;
                    cpu[w] += (Environment.CpuUsage.TotalTime - before).TotalSeconds / (repeats * data.Length);
                }
            }

            for (var w = 0; w < ways.Length; w++)
            {
                times[w][b] = samples[w].Order().ElementAt(repeats / 2);
            }
        }

        var means = Array.ConvertAll(times, t => t.Average());
        Console.WriteLine($"{"way",-30} {"s/step",8} {"x floor",8} {"ours is",8} {"cpu s",8} {"peak MiB",9}");
        for (var w = 0; w < ways.Length; w++)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{ways[w].Name,-30} {means[w],8:F3} {means[w] / means[^1],8:F2} {means[w] / means[Math.Max(0, means.Length - 2)],7:F2}x {cpu[w],8:F3} {peaks[w],9:F0}"));
        }
    }

    private static int Argument(string[] args, int index, int fallback) =>
        args.Length > index ? int.Parse(args[index], CultureInfo.InvariantCulture) : fallback;
}
