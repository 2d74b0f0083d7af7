using System.Diagnostics;
using System.Globalization;
using LowRank.Completion;
using LowRank.Completion.Kernels;
using LowRank.Completion.Solvers;
using LowRank.Factorization;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Benchmarks;

/// <summary>
/// The paper's completion runs: a d x d matrix of rank r, a fifth observed, to a train loss of 1e-10, by compressed descent,
/// by the narrow network of the same width, and by the default method; and the full-width step beside the compressed.
/// </summary>
internal static class CompletionStudy
{
    private const double Observed = 0.2;
    private const int StepsPerBlock = 200;

    public static void Run(string[] args)
    {
        var arguments = new StudyArguments(args);
        Console.WriteLine(StudyArguments.Machine());
        var size = arguments.Integer("--size", 1000);
        var rank = arguments.Integer("--rank", 5);
        var trials = arguments.Integer("--trials", 1);
        var ranks = arguments.Text("--ranks", "5,11,20").Split(',').Select(r => int.Parse(r, CultureInfo.InvariantCulture));
        var step = arguments.Number("--step", 5e3) / size / size;
        Console.WriteLine($"d = {size}, r = {rank}, {Observed:P0} observed, float64, step {step * size * size:0} on the mean loss, tolerance 1e-10");
        Console.WriteLine("estimated rank  method      trial  iterations  seconds  ms/iteration  train loss  recovery error");
        foreach (var estimate in ranks)
        {
            for (var trial = 0; trial < trials; trial++)
            {
                var problem = SyntheticMatrix.Create(size, size, rank, Observed, Seed.From(trial));
                Fit(problem, estimate, trial, "compressed", new CompressedDescent { StepSize = step, MaxSteps = 200_000 });
                Fit(problem, estimate, trial, "default", new VariationalBayes());
                if (arguments.Integer("--narrow", 1) == 1)
                {
                    Fit(problem, estimate, trial, "narrow", new CompressedDescent
                    {
                        StepSize = step,
                        MaxSteps = 200_000,
                        Start = DescentStart.Narrow,
                    });
                }
            }
        }

        SideBySide(size, rank, step, arguments.Integer("--full-steps", 9));
    }

    private static void Fit(ObservedSplit problem, int rank, int trial, string name, CompletionMethod method)
    {
        var cells = (double)problem.Train.RowCount * problem.Train.ColumnCount;
        var options = new MatrixCompletionOptions
        {
            Rank = rank,
            Biases = false,
            Clamp = false,
            Validation = 0,
            Seed = Seed.From(trial),
            Method = method,
        };
        var model = new MatrixCompletion(options).Fit(problem.Train);
        var report = model.Report;
        var hidden = model.Score(problem.HeldOut);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{rank,14}  {name,-10} {trial,6} {report.Steps,11} {report.Seconds,8:F2} {1000 * report.Seconds / report.Steps,13:F3} "
            + $"{report.TrainLoss,11:E1} {hidden.Rmse * hidden.Rmse * hidden.Count / 2 / cells,15:E1}{(report.StopReason == StopReason.ToleranceReached ? "" : " " + report.StopReason)}"));
    }

    // One full-width step and a block of compressed steps in turn, so that both see the same machine.
    private static void SideBySide(int size, int rank, double step, int blocks)
    {
        var seed = Seed.From(0);
        using var target = Initialize.LowRank(size, size, rank, seed.For("target"));
        using var mask = Initialize.Mask(size, size, Observed, seed.For("mask"));
        using var objective = new MaskedObjective(target, mask, LossScale.MeanOfEntries);
        using var wide = DeepFactorization.Create(size, size, new(), seed.For("wide"));
        using var full = new DescentStep(wide, objective, new() { StepSize = step * size * size });
        var data = SparseRows<double>.From(SyntheticMatrix.Create(size, size, rank, Observed, seed).Train, ValueScale.None);
        var (left, right) = (new Tall<double>(size, 2 * rank), new Tall<double>(size, 2 * rank));
        left.FillNormal(seed.For("left").Random(), 1 / Math.Sqrt(size));
        right.FillNormal(seed.For("right").Random(), 1 / Math.Sqrt(size));
        var cores = Enumerable.Range(0, 3).Select(_ => Small.Identity(2 * rank, 1e-3)).ToArray();
        var compressed = new DescentState<double>(data, left, cores, right, Environment.ProcessorCount);
        var (fullSeconds, compressedSeconds) = (new List<double>(), new List<double>());
        for (var block = -2; block < blocks; block++)
        {
            var clock = Stopwatch.StartNew();
            full.Forward();
            full.Apply();
            var first = clock.Elapsed.TotalSeconds;
            clock.Restart();
            for (var k = 0; k < StepsPerBlock; k++)
            {
                compressed.Step(step, 0.01, 0);
            }

            if (block >= 0)
            {
                fullSeconds.Add(first);
                compressedSeconds.Add(clock.Elapsed.TotalSeconds / StepsPerBlock);
            }
        }

        var (slow, fast) = (StudyArguments.Median(fullSeconds), StudyArguments.Median(compressedSeconds));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"side by side, medians of {blocks}: full-width step {1000 * slow:F1} ms ({get_num_threads()} threads), compressed step {1000 * fast:F3} ms, ratio {slow / fast:F0}"));
    }
}
