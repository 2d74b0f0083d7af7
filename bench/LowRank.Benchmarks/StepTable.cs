using System.Diagnostics;
using System.Globalization;

namespace LowRank.Benchmarks;

/// <summary>Times several ways of a training step, interleaved on the same batches, and prints a table.</summary>
internal static class StepTable
{
    private const char Ours = 'c';
    private const char Floor = 'd';

    /// <summary>Seconds are means over batches of each batch's median; the peak is of the most costly batch.</summary>
    public static void Print<TBatch>(TimedStep<TBatch>[] ways, TBatch[] batches, int repeats)
    {
        var peaks = Array.ConvertAll(ways, way =>
        {
            way.Step(batches[0]);
            return batches.Max(batch => PeakMemory.Of(() => way.Step(batch)));
        });
        var wall = ways.Select(_ => new List<double>()).ToArray();
        var processor = new double[ways.Length];
        foreach (var batch in batches)
        {
            var samples = ways.Select(_ => new List<double>()).ToArray();
            for (var repeat = 0; repeat < repeats; repeat++)
            {
                for (var way = 0; way < ways.Length; way++)
                {
                    var before = Environment.CpuUsage.TotalTime;
                    var watch = Stopwatch.StartNew();
                    ways[way].Step(batch);
                    samples[way].Add(watch.Elapsed.TotalSeconds);
                    processor[way] += (Environment.CpuUsage.TotalTime - before).TotalSeconds;
                }
            }

            for (var way = 0; way < ways.Length; way++)
            {
                wall[way].Add(StudyArguments.Median(samples[way]));
            }
        }

        var (ours, floor) = (Mean(ways, wall, Ours), Mean(ways, wall, Floor));
        Console.WriteLine($"{"way",-32}{"s/step",8}{"/ ours",8}{"/ floor",8}{"cpu s",8}{"peak MiB",10}");
        for (var way = 0; way < ways.Length; way++)
        {
            var seconds = wall[way].Average();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{ways[way].Name,-32}{seconds,8:F3}{seconds / ours,8:F2}{seconds / floor,8:F2}"
                + $"{processor[way] / (batches.Length * repeats),8:F3}{peaks[way],10:F0}"));
        }
    }

    private static double Mean<TBatch>(TimedStep<TBatch>[] ways, List<double>[] wall, char letter) =>
        Array.FindIndex(ways, way => way.Name[0] == letter) is >= 0 and var way ? wall[way].Average() : double.NaN;
}
