using System.Diagnostics;
using System.Globalization;
using LowRank.Cli.Plots;
using LowRank.Cli.Terminal;
using LowRank.Completion;
using LowRank.Factorization;
using LowRank.Tensors;

namespace LowRank.Cli.Demos;

/// <summary>
/// Two matrices: on a small one the full-width network of the paper runs to the end beside its compressed form; on the
/// large one, where full width would take too long, a few of its steps are timed.
/// </summary>
internal sealed class DemoCompletion(DemoStage stage, DemoCompletionRequest request)
{
    private const int SmallSize = 100;
    private const double SmallObserved = 0.4;
    private const double SmallStep = 1.2e-2;  // as stable here as the paper's at d = 1000
    private const double LargeStep = 5e-3;    // the paper's: 5e3 on the mean loss at d = 1000
    private const int TimedSteps = 7;
    private readonly Seed _seed = stage.Seed;

    public void Run()
    {
        stage.Begin(
            "Completing a matrix",
            $"A matrix of rank {request.Rank}, most of its entries hidden. The deep network of the paper finds them, but its factors are as "
                + "wide as the matrix; the compressed one takes the same path with factors of width "
                + "twice the rank. The default method, which `lowrank complete` uses, needs no network at all.");
        var small = Small();
        var large = Large();
        var rows = small.Concat(large).ToArray();
        static string Error(double x) => DemoStage.Number(x, "0.0E+0");
        stage.Show(new(
            "Recovery error: half the mean squared error over the hidden entries",
            ["matrix", "method", "steps", "seconds", "ms a step", "recovery error"],
            [.. rows.Select(run => new[]
            {
                run.Matrix, run.Method, DemoStage.Number(run.Steps, "N0"), DemoStage.Number(run.Seconds, "0.00"),
                DemoStage.Number(1000 * run.Seconds / run.Steps),
                run.RecoveryError is { } error ? Error(error) : "not run to the end",
            })],
            LeftAligned: 2));
        var full = large.First(run => run.RecoveryError is null);
        var compressed = large.First(run => run.RecoveryError is not null && run.Method.StartsWith("compressed", StringComparison.Ordinal));
        var ratio = full.Seconds / full.Steps / (compressed.Seconds / compressed.Steps);
        stage.Say($"At {request.Size} x {request.Size} a compressed step takes 1/{DemoStage.Number(ratio, "0")} of a full-width step.");
        Draw("small", small, SmallSize);
        Draw("large", large, request.Size);
        stage.Report.Paragraph("Go on from here:").Commands(
            "lowrank sample --task ratings --out .", "lowrank complete ratings.csv --holdout 0.1", "lowrank complete predict ratings-model --top 3 --for user-7");
        stage.Keep("completion", new { Request = request, Runs = rows });
    }

    private List<DemoRun> Small()
    {
        var name = $"{SmallSize} x {SmallSize}";
        stage.Screen.Note($"{name}, rank {request.Rank}, {SmallObserved:P0} observed: full width and compressed, to the end");
        using var target = new DemoTarget(SmallSize, request.Rank, SmallObserved, _seed.For("small"));
        using var objective = target.Objective();
        using var wide = DeepFactorization.Create(SmallSize, SmallSize, new(), _seed.For("wide"));
        var fit = new GradientDescent(new() { StepSize = SmallStep * SmallSize * SmallSize })
            .Fit(wide, objective, cancellation: stage.Stop);
        stage.Stop.ThrowIfCancellationRequested();
        using var product = wide.Product();
        var values = product.ReadNumbers<double>();
        return
        [
            new(name, "full width", fit.Steps, fit.Elapsed.TotalSeconds, target.RecoveryError((i, j) => values[(i * SmallSize) + j]),
                [.. fit.Losses.Select(point => (point.Seconds, point.Loss))]),
            Complete(name, "compressed", target, Compressed(SmallStep)),
            Complete(name, "default", target, new VariationalBayes()),
        ];
    }

    private List<DemoRun> Large()
    {
        var name = $"{request.Size} x {request.Size}";
        stage.Screen.Note($"{name}, rank {request.Rank}, {request.Observed:P0} observed: compressed to the end, {TimedSteps} full-width steps timed");
        using var target = new DemoTarget(request.Size, request.Rank, request.Observed, _seed.For("large"));
        var step = LargeStep * 0.2 / request.Observed; // the curvature grows with the observed share
        return
        [
            TimeFullWidth(name, target, step),
            Complete(name, "compressed", target, Compressed(step)),
            Complete(name, "default", target, new VariationalBayes()),
        ];
    }

    private DemoRun TimeFullWidth(string name, DemoTarget target, double step)
    {
        using var objective = target.Objective();
        using var wide = DeepFactorization.Create(request.Size, request.Size, new(), _seed.For("wide"));
        var descent = new GradientDescent(new()
        {
            StepSize = step * request.Size * request.Size,
            MaxSteps = TimedSteps,
            CheckEvery = TimedSteps,
        });
        descent.Fit(wide, objective, cancellation: stage.Stop); // warms up
        var clock = Stopwatch.StartNew();
        var fit = descent.Fit(wide, objective, cancellation: stage.Stop);
        stage.Stop.ThrowIfCancellationRequested();
        return new(name, "full width", fit.Steps, clock.Elapsed.TotalSeconds, null, []);
    }

    private DemoRun Complete(string name, string label, DemoTarget target, CompletionMethod method)
    {
        var options = new MatrixCompletionOptions
        {
            Rank = request.Rank,
            Biases = false,
            Clamp = false,
            Validation = 0,
            Seed = _seed,
            Threads = stage.Threads,
            Method = method,
        };
        var progress = new StepProgress($"{name}, {label}");
        var model = new MatrixCompletion(options).Fit(target.Observed, null, new Relay(progress), stage.Stop);
        Screen.ClearMovingLine();
        stage.Stop.ThrowIfCancellationRequested();
        var share = target.Observed.Count / 2.0 / target.Size / target.Size;
        return new(
            name, $"{label} ({method.Name})", model.Report.Steps, model.Report.Seconds, target.RecoveryError(model.Predict),
            [.. model.Report.Curve.Select(now => (now.Seconds, now.TrainRmse * now.TrainRmse * share))]);
    }

    private static CompressedDescent Compressed(double step) => new() { StepSize = step };

    private void Draw(string stem, List<DemoRun> runs, int size)
    {
        LearningCurvePlot.Write(
            stage.In(stem),
            $"Completing a {size} x {size} matrix of rank {request.Rank}",
            "seconds",
            "loss on the observed entries",
            true,
            [.. runs.Where(run => run.Curve.Count > 0).Select(run => new PlotCurve(run.Method, run.Curve))]);
        stage.Figure(stem, $"The loss on the observed entries of the {size} x {size} matrix against time.");
    }

    private sealed class Relay(StepProgress progress) : IProgress<CompletionProgress>
    {
        public void Report(CompletionProgress value) => progress.Report(
            value.Step, value.StepLimit, string.Create(CultureInfo.InvariantCulture, $"RMSE {value.TrainRmse:G3}"));
    }
}
