using System.Diagnostics;
using System.Globalization;
using LowRank.Completion;
using LowRank.Completion.Input;
using LowRank.Tensors;

namespace LowRank.Benchmarks;

/// <summary>
/// Reading ratings from text: seconds, lines per second and peak memory, from one to ten million lines.
/// </summary>
/// <remarks>
/// <c>read-text [--lines 10000000] [--repeat 3] [--keep FOLDER]</c>. Every measurement is a process of its own, so that
/// its peak of memory is its own. The file is in the page cache: parsing is measured, not the disk. Seconds are those
/// of the reader; processor seconds are those of the whole process, start-up included.
/// </remarks>
internal static class ReadTextStudy
{
    private const int Rows = 100_000;
    private const int Columns = 20_000;

    public static void Run(string[] args)
    {
        if (args is ["--child", var child, var childThreads])
        {
            ReadOnce(child, int.Parse(childThreads, CultureInfo.InvariantCulture));
            return;
        }

        var options = new StudyArguments(args);
        var most = options.Integer("--lines", 10_000_000);
        var repeat = options.Integer("--repeat", 3);
        var keep = options.Text("--keep", string.Empty);
        var folder = keep.Length > 0 ? keep : Directory.CreateTempSubdirectory("lowrank-read-").FullName;
        try
        {
            Console.WriteLine(
                "form          lines      MB  threads  seconds    cpu s  million lines/s     MB/s  peak MB  result MB");
            foreach (var lines in new[] { most / 10, most })
            {
                var csv = Generate(folder, lines, "ratings.csv");
                Measure("csv", csv, lines, Environment.ProcessorCount, repeat);
                Measure("csv", csv, lines, 1, repeat);
            }

            Measure("text ids", Generate(folder, most, "names.csv"), most, Environment.ProcessorCount, repeat);
            var gzip = Generate(folder, most / 10, "ratings.csv.gz");
            Measure("gzip", gzip, most / 10, Environment.ProcessorCount, repeat);
        }
        finally
        {
            if (keep.Length == 0)
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>The synthetic ratings of the scale study: 100,000 x 20,000, rank 16, noise 0.1, four decimals.</summary>
    public static ObservedMatrix Ratings(int entries) =>
        SyntheticRatings.Create(Options(entries), Seed.From(0)).Observed;

    /// <summary>The settings of <see cref="Ratings"/>.</summary>
    public static SyntheticRatingsOptions Options(int entries) => new()
    {
        Rows = Rows,
        Columns = Columns,
        Rank = 16,
        Entries = entries,
        Noise = 0.1,
        Decimals = 4,
    };

    private static string Generate(string folder, int lines, string name)
    {
        var path = Path.Combine(folder, $"{lines}-{name}");
        if (File.Exists(path))
        {
            return path;
        }

        var matrix = Ratings(lines);
        if (name.StartsWith("names", StringComparison.Ordinal))
        {
            matrix = new ObservedMatrix(
                matrix.RowCount, matrix.ColumnCount, matrix.Rows.ToArray(), matrix.Columns.ToArray(),
                matrix.Values.ToArray(), Names("user-", Rows), Names("B00", Columns));
        }

        RatingsWriter.Write(path, matrix);
        return path;
    }

    private static IdMap Names(string start, int count) =>
        new([.. Enumerable.Range(0, count).Select(i => start + i.ToString("D7", CultureInfo.InvariantCulture))]);

    private static void Measure(string form, string path, int lines, int threads, int repeat)
    {
        var runs = Enumerable.Range(0, repeat).Select(_ => ReadInChild(path, threads)).ToArray();
        var (seconds, processor, peak) = runs.OrderBy(r => r.Seconds).ElementAt(repeat / 2);
        var megabytes = new FileInfo(path).Length / 1e6;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{form,-9} {lines,9} {megabytes,7:F1} {threads,8} {seconds,8:F3} {processor,8:F3} "
            + $"{lines / seconds / 1e6,16:F1} "
            + $"{megabytes / seconds,8:F0} {peak / 1e6,8:F0} {lines * 16 / 1e6,10:F0}"));
    }

    private static (double Seconds, double Processor, double Peak) ReadInChild(string path, int threads)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            ArgumentList = { "read-text", "--child", path, threads.ToString(CultureInfo.InvariantCulture) },
        };
        using var process = Process.Start(start)!;
        var fields = process.StandardOutput.ReadToEnd().Split(' ');
        process.WaitForExit();
        var numbers = Array.ConvertAll(fields, f => double.Parse(f, CultureInfo.InvariantCulture));
        return (numbers[0], numbers[1], numbers[2]);
    }

    private static void ReadOnce(string path, int threads)
    {
        var clock = Stopwatch.StartNew();
        var data = RatingsReader.Read(path, new RatingsOptions { Threads = threads });
        var seconds = clock.Elapsed.TotalSeconds;
        using var self = Process.GetCurrentProcess();
        var processor = self.TotalProcessorTime.TotalSeconds;
        Console.Write(string.Create(CultureInfo.InvariantCulture, $"{seconds} {processor} {self.PeakWorkingSet64}"));
        GC.KeepAlive(data);
    }
}
