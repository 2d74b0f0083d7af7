using System.Globalization;
using LowRank.Experiments.Reports.Figures;
using static LowRank.Experiments.Reproduction.Targets.CompanionRun;
using static LowRank.Experiments.Reproduction.Targets.Origin;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>The earlier paper's comparison of two and three factors in completion.</summary>
internal sealed class CompanionDepth : Target
{
    private const double SameOrder = 3;

    private static readonly (int Depth, string Network)[] Networks = [(2, Original), (2, Compressed), (3, Original), (3, Compressed)];

    private static readonly CompanionSetup Full = new()
    {
        Size = 100,
        Rank = 10,
        Observed = 0.3,
        Step = 50,
        Alpha = 2,
        MaxSteps = 25_000,
        CheckEvery = 50,
        Tolerance = 1e-12,
        Seconds = 6,
    };

    private static readonly CompanionSetup Quick = Full with { Size = 40, Rank = 3, Observed = 0.5, Step = 20, MaxSteps = 3_000, Seconds = 0.5 };

    // Recovery errors, in the order of the networks.
    private static readonly double[] FullErrors = [7e-3, 3e-2, 3e-11, 3e-11];

    private static readonly Dictionary<string, double[]> QuickErrors = new() { [Spread] = [2.91e-5, 4.266e-3, 1.73e-12, 6.39e-13], [Top] = [2.44e-6, 1.974e-3, 6.80e-12, 6.19e-13] };

    public override string Id => "extra-comp-depth";

    public override string Place => "the authors' earlier paper, arXiv 2311.05061";

    public override string Shows => "Completion in the earlier paper: two factors overfit, three recover the matrix, original and compressed alike.";

    public override string Needs => "nothing";

    public override object Settings(ReproductionOptions options) => SetupAt(options.Scale);

    public override IReadOnlyList<Cell> Cells(ReproductionOptions options)
    {
        var setup = SetupAt(options.Scale);
        return
        [
            .. from seed in options.Seeds ?? [.. Enumerable.Range(0, options.Scale == ReproductionScale.Full ? 3 : 1)]
               from spectrum in Spectra
               from one in Networks
               select new Cell(
                   [("depth", Text(one.Depth)), ("network", one.Network), ("spectrum", spectrum)],
                   seed,
                   setup.Seconds,
                   context => Run(setup with { Depth = one.Depth }, one.Network, spectrum, seed, context)),
        ];
    }

    public override TargetOutcome Judge(IReadOnlyList<CellRecord> records, ReproductionOptions options)
    {
        var setup = SetupAt(options.Scale);
        var full = options.Scale == ReproductionScale.Full;
        var first = records.Select(record => record.Seed).DefaultIfEmpty(0).Min();
        return new(
            [
                .. Spectra.SelectMany(spectrum => Networks.Select((one, at) => Finding.Of(
                    $"recovery error, depth {Text(one.Depth)}, {one.Network}, {spectrum}",
                    Of(records, one.Depth, one.Network, spectrum).Select(record => record.Number("recovery_error")),
                    Expectation.SameOrder((full ? FullErrors : QuickErrors[spectrum])[at], SameOrder, full ? AuthorsFigure : OwnRun)))),
            ],
            new([.. Spectra.Select(spectrum => Curves([.. records.Where(record => record.Seed == first)], spectrum))], 2),
            FormattableString.Invariant($"Completing a {setup.Size} × {setup.Size} matrix of rank {setup.Rank} from {setup.Observed:P0} of its entries ")
                + FormattableString.Invariant($"by two and three factors, for two ways to choose its singular values; seed {first}."),
            [],
            [
                SpectraRemark,
                "The compressed network of two factors starts from the surrogate's singular vectors without the small scale of all others, as in the authors' notebook: its curve is no fair test of depth.",
                "The authors' figure is one run; on a draw that descends slowly the error is larger when the loss is at its tolerance, or the iterations end before.",
                FormattableString.Invariant($"A run ends when its train loss is below {setup.Tolerance:0e+0}, or after {setup.MaxSteps:#,0} iterations; how far below is chance."),
            ]);
    }

    private static LinePanel Curves(IReadOnlyList<CellRecord> records, string spectrum) => new(
        $"recovery error, {spectrum}",
        "iterations",
        "recovery error on unknown entries",
        [
            .. Networks.Select((one, style) => (one, style, Record: Of(records, one.Depth, one.Network, spectrum).FirstOrDefault()))
                .Where(line => line.Record is not null)
                .Select(line => LineSeries.Plain(
                    $"{Text(line.one.Depth)} factors, {line.one.Network}",
                    line.style,
                    line.Record!.Series("curve").Select(row => (row[0], row[2])))),
        ])
    { LogarithmicY = true, Legend = LegendPlace.Below };

    private static IEnumerable<CellRecord> Of(IReadOnlyList<CellRecord> records, int depth, string network, string spectrum) =>
        records.Where(record => record.Labels["depth"] == Text(depth)
            && record.Labels["network"] == network && record.Labels["spectrum"] == spectrum);

    private static CompanionSetup SetupAt(ReproductionScale scale) => scale == ReproductionScale.Full ? Full : Quick;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
