using System.Diagnostics;
using System.Globalization;
using LowRank.Tensors;

namespace LowRank.Benchmarks;

/// <summary>
/// Kills the real program at random points of a run, as <c>kill -9</c> does, resumes it, and compares adapter, head and
/// metrics byte for byte with those of a run that was never stopped.
/// </summary>
internal static class KillStudy
{
    private const string Whole = "whole";
    private const string Cut = "cut";

    /// <summary>
    /// Options: --kills 20, --steps 400, --save-every 3, --seed 0, --adapter lora | deep-lora | compressed | all.
    /// </summary>
    public static void Run(string[] args)
    {
        var arguments = new StudyArguments(args);
        var (kills, steps) = (arguments.Integer("--kills", 20), arguments.Integer("--steps", 400));
        var asked = arguments.Text("--adapter", "all");
        var folder = Directory.CreateTempSubdirectory("lowrank-kill-").FullName;
        try
        {
            Console.WriteLine(StudyArguments.Machine());
            Complete(Start(folder, "sample", "--task", "text"));
            foreach (var adapter in asked == "all" ? ["lora", "deep-lora", "compressed"] : new[] { asked })
            {
                var random = Seed.From(arguments.Integer("--seed", 0)).For(adapter).Random();
                string[] options =
                [
                    "reviews.csv", "--model", "tiny-bert", .. AdapterOptions(adapter), "--steps", $"{steps}", "--batch-size", "4",
                    "--eval-every", "25", "--save-every", $"{arguments.Integer("--save-every", 3)}", "--patience", "0",
                    "--learning-rate", "0.005", "--out",
                ];
                Complete(Start(folder, ["finetune", .. options, Whole, "--force"]));
                Console.WriteLine($"{adapter,-12}{"killed after",14}{"resumed from",14}{"same bytes",12}");
                var same = Enumerable.Range(1, kills).Count(kill => KillOnce(folder, options, kill, random, steps));
                Console.WriteLine($"{adapter}: {same} of {kills} runs end as the one that was never stopped");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string[] AdapterOptions(string adapter) => adapter switch
    {
        "lora" => ["--adapter", "lora"],
        "deep-lora" => ["--adapter", "deep-lora", "--form", "narrow"],
        "compressed" => ["--adapter", "deep-lora", "--form", "compressed"],
        _ => throw new ArgumentException($"--adapter: got '{adapter}'; wanted lora, deep-lora, compressed or all."),
    };

    private static bool KillOnce(string folder, string[] options, int kill, Random random, int steps)
    {
        var run = Path.Combine(folder, Cut);
        if (Directory.Exists(run))
        {
            Directory.Delete(run, recursive: true);
        }

        var metrics = Path.Combine(run, "metrics.jsonl");

        int killed;
        using (var victim = Start(folder, ["finetune", .. options, Cut]))
        {
            // A step, and a moment within it: in the forward pass, in a log, in the middle of a checkpoint.
            var step = random.Next(1, steps);
            while (Steps(metrics) < step && !victim.HasExited)
            {
                Thread.Sleep(1);
            }

            Thread.SpinWait(random.Next(200_000));
            victim.Kill();
            victim.WaitForExit();
            killed = Steps(metrics);
        }

        var said = Complete(Start(folder, "finetune", "--resume", "--out", Cut));
        var from = said.Split('\n').FirstOrDefault(line => line.StartsWith("going on after step", StringComparison.Ordinal));
        var differing = Files(folder, Whole)
            .Where(file => !File.ReadAllBytes(Path.Combine(folder, Whole, file))
                .SequenceEqual(File.ReadAllBytes(Path.Combine(folder, Cut, file))))
            .ToList();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{kill,12}{killed,14}{from?.Split(' ')[^1] ?? "start",14}{(differing.Count == 0 ? "yes" : string.Join(' ', differing)),12}"));
        return differing.Count == 0;
    }

    private static IEnumerable<string> Files(string folder, string run) =>
        Directory.GetFiles(Path.Combine(folder, run, "adapter"))
            .Select(file => Path.Combine("adapter", Path.GetFileName(file)))
            .Append("metrics.jsonl");

    private static int Steps(string metrics) => File.Exists(metrics)
        ? File.ReadAllBytes(metrics).AsSpan().Count("learning_rate"u8)
        : 0;

    private static Process Start(string folder, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "LowRank.Cli.dll"));
        Array.ForEach(args, start.ArgumentList.Add);
        start.Environment["OMP_NUM_THREADS"] = "1";
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
    }

    // What it said on the way; a failure ends the study.
    private static string Complete(Process process)
    {
        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var said = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? said : throw new InvalidOperationException($"{said}{output.Result}");
        }
    }
}
