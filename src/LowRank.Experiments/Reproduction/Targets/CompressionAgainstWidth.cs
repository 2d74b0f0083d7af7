using System.Globalization;
using LowRank.Completion;
using LowRank.Experiments.Reports.Figures;
using LowRank.Factorization;
using LowRank.Tensors;
using static LowRank.Experiments.Reproduction.Targets.Origin;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>Figure 5: the compressed network beside an ordinary narrow one of the same width, as the rank is over-estimated.</summary>
internal sealed class CompressionAgainstWidth : Target
{
    private const string Compressed = "compressed";
    private const string Narrow = "narrow";
    private const double NearZero = 1e-8;

    private static readonly Setup Full = new()
    {
        Size = 1000,
        Rank = 5,
        Observed = 0.2,
        InitialScale = 1e-3,
        Estimates = [5, 8, 11, 14, 17, 20],
        Step = 5e3,
        MaxSteps = 200_000,
        Narrow = [62_000, 56_800, 53_900, 49_400, 47_800, 45_200],
        Compressed = [19_600, 19_400, 19_500, 19_500, 19_400, 19_500],
        NarrowSeconds = [14.8, 13.4, 13.8, 13.7, 13.3, 15.2],
        CompressedSeconds = [5.8, 5.7, 6.6, 7.2, 7.3, 8.0],
    };

    private static readonly Setup Quick = new()
    {
        Size = 100,
        Rank = 3,
        Observed = 0.3,
        InitialScale = 1e-3,
        Estimates = [3, 6],
        Step = 100,
        MaxSteps = 100_000,
        Narrow = [42_700, 44_800],
        Compressed = [24_200, 23_200],
        NarrowSeconds = [],
        CompressedSeconds = [],
    };

    public override string Id => "fig5";

    public override string Place => "Figure 5";

    public override string Shows => "The compressed network needs fewer iterations than a narrow one, whatever the rank is taken for.";

    public override string Needs => "nothing";

    public override object Settings(ReproductionOptions options)
    {
        var setup = SetupAt(options.Scale);
        return new
        {
            setup.Size,
            setup.Rank,
            setup.Observed,
            setup.InitialScale,
            setup.Estimates,
            setup.Step,
            setup.MaxSteps,
            setup.Gamma,
            setup.Depth,
            setup.CheckEvery,
            setup.Tolerance,
        };
    }

    public override IReadOnlyList<Cell> Cells(ReproductionOptions options)
    {
        var setup = SetupAt(options.Scale);
        return
        [
            .. from seed in options.Seeds ?? [.. Enumerable.Range(0, options.Scale == ReproductionScale.Full ? 5 : 1)]
               from estimate in setup.Estimates
               from network in new[] { Compressed, Narrow }
               select new Cell(
                   [("network", network), ("rank", Text(estimate))],
                   seed,
                   setup.SecondsOf(estimate, network == Narrow),
                   context => Run(setup, estimate, network == Narrow, seed, context)),
        ];
    }

    public override TargetOutcome Judge(IReadOnlyList<CellRecord> records, ReproductionOptions options)
    {
        var setup = SetupAt(options.Scale);
        var source = options.Scale == ReproductionScale.Full ? AuthorsFigure : OwnRun;
        List<Finding> findings =
        [
            .. Iterations(records, setup, Compressed, setup.Compressed, source),
            .. Iterations(records, setup, Narrow, setup.Narrow, source),
            .. setup.Estimates.Select((estimate, at) => Finding.Of(
                $"processor seconds, narrow over compressed, estimate {estimate}",
                Ratios(records, estimate),
                at < setup.NarrowSeconds.Count
                    ? Expectation.Told(setup.NarrowSeconds[at] / setup.CompressedSeconds[at], $"{AuthorsFigure}; another machine, so no band")
                    : null)),
            new(
                "largest recovery error of all runs",
                records.Select(record => record.Number("recovery_error")).DefaultIfEmpty(double.NaN).Max(),
                Expectation.AtMost(NearZero, "all runs recover the matrix")),
        ];
        return new(
            findings,
            new([Lines(records, setup, "iterations"), Lines(records, setup, "processor_seconds")], 2),
            FormattableString.Invariant($"Completing a {setup.Size} × {setup.Size} matrix of rank {setup.Rank} from {setup.Observed:P0} of its ")
                + "entries, by the compressed network and by a narrow one of the same width (twice the estimated rank). Left: iterations "
                + "until the train loss is 1e-10. Right: processor time. Lines are means over the seeds, bands go from the least to the most.",
            [],
            [
                "The iterations count to the first check, every 100, at which the loss is below the tolerance, as in the authors' code.",
                options.Device is null or ComputeDevice.Cpu
                    ? "The time is that of this program's loops over the known entries; the authors' code works on the dense matrix on another machine."
                    : "Made on another device than the CPU: on the dense matrix, as the authors' code works, not by this program's loops over the known entries.",
            ]);
    }

    private static CellResult Run(Setup setup, int estimate, bool narrow, int seed, CellContext context)
    {
        if (!context.IsOnCpu)
        {
            return RunDense(setup, estimate, narrow, seed, context);
        }

        var problem = SyntheticMatrix.Create(setup.Size, setup.Size, setup.Rank, setup.Observed, Seed.From(seed));
        var cells = (double)setup.Size * setup.Size;
        var completion = new MatrixCompletion(new()
        {
            Rank = estimate,
            Biases = false,
            Clamp = false,
            Validation = 0,
            Seed = Seed.From(seed),
            Threads = context.Threads,
            Method = new CompressedDescent
            {
                Depth = setup.Depth,
                InitialScale = setup.InitialScale,
                Gamma = setup.Gamma,
                StepSize = setup.Step / cells,
                MaxSteps = setup.MaxSteps,
                CheckEvery = setup.CheckEvery,
                Tolerance = setup.Tolerance,
                Start = narrow ? DescentStart.Narrow : DescentStart.Compressed,
            },
        });
        var meter = new Meter();
        meter.Start();
        var model = completion.Fit(problem.Train, null, new Relay(context), context.Cancellation);
        meter.Stop();
        context.Cancellation.ThrowIfCancellationRequested();
        var hidden = model.Score(problem.HeldOut);
        return new(
            new Dictionary<string, double>
            {
                ["iterations"] = model.Report.Steps,
                ["train_loss"] = model.Report.TrainRmse * model.Report.TrainRmse * problem.Train.Count / 2 / cells,
                ["recovery_error"] = hidden.Rmse * hidden.Rmse * hidden.Count / 2 / cells,
                ["seconds"] = meter.Seconds,
                ["processor_seconds"] = meter.ProcessorSeconds,
                ["reached"] = model.Report.StopReason == StopReason.ToleranceReached ? 1 : 0,
            },
            new Dictionary<string, IReadOnlyList<IReadOnlyList<double>>>());
    }

    /// <summary>A run on the whole matrix, whatever the device: for comparison with the loops over the known entries.</summary>
    internal static CellResult RunDense(ReproductionScale scale, int estimate, bool narrow, int seed, CellContext context) =>
        RunDense(SetupAt(scale), estimate, narrow, seed, context);

    private static CellResult RunDense(Setup setup, int estimate, bool narrow, int seed, CellContext context) =>
        new DenseCompletion(setup.Size, setup.Rank, setup.Observed, setup.Depth, setup.InitialScale)
            .Run(estimate, narrow, DescentOf(setup, narrow), Seed.From(seed), context);

    private static DescentOptions DescentOf(Setup setup, bool narrow) => new()
    {
        StepSize = setup.Step,
        OuterRate = narrow ? 0 : setup.Gamma,
        MaxSteps = setup.MaxSteps,
        CheckEvery = setup.CheckEvery,
        Tolerance = setup.Tolerance,
    };

    private static IEnumerable<Finding> Iterations(
        IReadOnlyList<CellRecord> records, Setup setup, string network, IReadOnlyList<double> expected, string source) =>
        setup.Estimates.Select((estimate, at) => Finding.Of(
            $"iterations, {network}, estimate {estimate}",
            Of(records, network, estimate).Select(record => record.Number("iterations")),
            Expectation.Near(expected[at], 0.1, source)));

    private static LinePanel Lines(IReadOnlyList<CellRecord> records, Setup setup, string number) => new(
        number == "iterations" ? "iterations" : "time",
        "estimated rank",
        number == "iterations" ? "iterations to a train loss of 1e-10" : "processor seconds",
        [
            .. new[] { Narrow, Compressed }.Select((network, style) => LineSeries.OverRuns(
                $"{network} network",
                style + 1,
                setup.Estimates.SelectMany(estimate => Of(records, network, estimate).Select(record => ((double)estimate, record.Number(number)))))),
        ])
    { FromZero = true, Legend = LegendPlace.Below };

    // Seed by seed, so that a machine that was slower for a while was so for both.
    private static IEnumerable<double> Ratios(IReadOnlyList<CellRecord> records, int estimate) =>
        from narrow in Of(records, Narrow, estimate)
        from compressed in Of(records, Compressed, estimate)
        where narrow.Seed == compressed.Seed
        select narrow.Number("processor_seconds") / compressed.Number("processor_seconds");

    private static IEnumerable<CellRecord> Of(IReadOnlyList<CellRecord> records, string network, int estimate) =>
        records.Where(record => record.Labels["network"] == network && record.Labels["rank"] == Text(estimate));

    private static Setup SetupAt(ReproductionScale scale) => scale == ReproductionScale.Full ? Full : Quick;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed class Relay(CellContext context) : IProgress<CompletionProgress>
    {
        public void Report(CompletionProgress value) => context.Progress?.Report(
            new(value.Step, value.StepLimit, FormattableString.Invariant($"RMSE {value.TrainRmse:0.0e+0}")));
    }

    private sealed record Setup
    {
        public required int Size { get; init; }

        public required int Rank { get; init; }

        public required double Observed { get; init; }

        public required double InitialScale { get; init; }

        public required IReadOnlyList<int> Estimates { get; init; }

        public required double Step { get; init; }

        public required int MaxSteps { get; init; }

        public double Gamma { get; init; } = 0.01;

        public int Depth { get; init; } = 3;

        public int CheckEvery { get; init; } = 100;

        public double Tolerance { get; init; } = 1e-10;

        // What is expected, by estimate.
        public required IReadOnlyList<double> Narrow { get; init; }

        public required IReadOnlyList<double> Compressed { get; init; }

        public required IReadOnlyList<double> NarrowSeconds { get; init; }

        public required IReadOnlyList<double> CompressedSeconds { get; init; }

        // Measured: the time goes with the known entries and the width.
        public double SecondsOf(int estimate, bool narrow) =>
            (narrow ? 55_000 : 19_500) * Observed * Size * Size * (estimate + 5) * 4.2e-10;
    }
}
