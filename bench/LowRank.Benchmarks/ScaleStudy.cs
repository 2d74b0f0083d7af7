using System.Diagnostics;
using System.Globalization;
using LowRank.Completion;
using LowRank.Completion.Input;
using LowRank.Tensors;

namespace LowRank.Benchmarks;

/// <summary>From a text file to a fitted model: seconds, peak memory, and the error against the noiseless truth.</summary>
/// <remarks>
/// <c>scale [--entries 1000000,2000000,5000000,10000000] [--rank 16]</c>. 100,000 x 20,000, rank 16, noise 0.1. Every
/// measurement is a process of its own, which reads the file, fits with defaults, and predicts 200,000 random cells.
/// </remarks>
internal static class ScaleStudy
{
    private const int ScoredCells = 200_000;

    public static void Run(string[] words)
    {
        if (words is ["--child", var file, var childRank])
        {
            FitOnce(file, int.Parse(childRank, CultureInfo.InvariantCulture));
            return;
        }

        var arguments = new StudyArguments(words);
        Console.WriteLine(StudyArguments.Machine());
        var rank = arguments.Integer("--rank", 16);
        var folder = Directory.CreateTempSubdirectory("lowrank-scale-").FullName;
        try
        {
            Console.WriteLine("  entries  file MB  read s   fit s  total s  sweeps  peak GiB  noiseless RMSE");
            foreach (var word in arguments.Text("--entries", "1000000,2000000,5000000,10000000").Split(','))
            {
                var entries = int.Parse(word, CultureInfo.InvariantCulture);
                var path = Path.Combine(folder, $"{entries}.csv");
                RatingsWriter.Write(path, ReadTextStudy.Ratings(entries));
                var line = InChild(path, rank);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{entries,9} {new FileInfo(path).Length / 1e6,8:F0} {line}"));
                File.Delete(path);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string InChild(string path, int rank)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            ArgumentList = { "scale", "--child", path, rank.ToString(CultureInfo.InvariantCulture) },
        };
        using var process = Process.Start(start)!;
        var line = process.StandardOutput.ReadToEnd().TrimEnd();
        process.WaitForExit();
        return line;
    }

    private static void FitOnce(string path, int rank)
    {
        var clock = Stopwatch.StartNew();
        var data = RatingsReader.Read(path).Observed;
        var read = clock.Elapsed.TotalSeconds;
        var model = new MatrixCompletion(new() { Rank = rank }).Fit(data);
        var total = clock.Elapsed.TotalSeconds;
        using var self = Process.GetCurrentProcess();
        var peak = self.PeakWorkingSet64 / (double)(1 << 30);

        // The same factors, with a few entries only: the truth of any cell.
        var truth = SyntheticRatings.Create(ReadTextStudy.Options(1_000), Seed.From(0));
        var random = Seed.From(1).Random();
        var squares = 0.0;
        for (var k = 0; k < ScoredCells; k++)
        {
            var (row, column) = (random.Next(truth.Observed.RowCount), random.Next(truth.Observed.ColumnCount));
            var error = model.Predict($"{row}", $"{column}") - truth.Truth(row, column);
            squares += error * error;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{read,7:F2} {total - read,7:F2} {total,8:F2} {model.Report.Steps,7} {peak,9:F2} {Math.Sqrt(squares / ScoredCells),15:F4}"));
    }
}
