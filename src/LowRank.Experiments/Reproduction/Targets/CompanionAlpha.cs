using System.Globalization;
using LowRank.Experiments.Reports.Figures;
using static LowRank.Experiments.Reproduction.Targets.CompanionRun;
using static LowRank.Experiments.Reproduction.Targets.Origin;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>The earlier paper's ablation of alpha, the step of the outer factors over that of the inner one.</summary>
internal sealed class CompanionAlpha : Target
{
    private const string None = "none";

    private static readonly double[] FullAlphas = [0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 7, 8, 9, 9.75];
    private static readonly double[] QuickAlphas = [0.5, 1, 4];

    private static readonly CompanionSetup Full = new()
    {
        Size = 100,
        Rank = 5,
        Observed = 0.2,
        Step = 10,
        MaxSteps = 100_000,
        CheckEvery = 100,
        Tolerance = 1e-10,
        Seconds = 4,
    };

    private static readonly CompanionSetup Quick = Full with { Size = 40, Rank = 2, Observed = 0.5, CheckEvery = 20, MaxSteps = 5_000, Seconds = 0.4 };

    private static readonly Expected FullExpected = new(9_300, 13_000, 1_800, 0.85);

    private static readonly Dictionary<string, Expected> QuickExpected = new() { [Spread] = new(2_640, 3_540, 880, 0.8516), [Top] = new(1_620, 2_220, 540, 0.875) };

    public override string Id => "extra-comp-alpha";

    public override string Place => "the authors' earlier paper, arXiv 2311.05061";

    public override string Shows => "The faster the outer factors step, the fewer iterations the compressed network needs.";

    public override string Needs => "nothing";

    public override object Settings(ReproductionOptions options) => new
    {
        Setup = SetupAt(options.Scale),
        Alphas = AlphasAt(options.Scale),
    };

    public override IReadOnlyList<Cell> Cells(ReproductionOptions options)
    {
        var setup = SetupAt(options.Scale);
        return
        [
            .. from seed in options.Seeds ?? [.. Enumerable.Range(0, options.Scale == ReproductionScale.Full ? 3 : 1)]
               from spectrum in Spectra
               from one in AlphasAt(options.Scale).Select(alpha => (Network: Compressed, Alpha: alpha)).Prepend((Original, 1))
               select new Cell(
                   [("network", one.Network), ("alpha", one.Network == Original ? None : Text(one.Alpha)), ("spectrum", spectrum)],
                   seed,
                   one.Network == Original ? setup.Seconds : setup.Seconds / 2 / one.Alpha,
                   context => Run(setup with { Alpha = one.Alpha }, one.Network, spectrum, seed, context)),
        ];
    }

    public override TargetOutcome Judge(IReadOnlyList<CellRecord> records, ReproductionOptions options)
    {
        var setup = SetupAt(options.Scale);
        var alphas = AlphasAt(options.Scale);
        return new(
            [.. Spectra.SelectMany(spectrum => Findings([.. records.Where(record => record.Labels["spectrum"] == spectrum)], spectrum, alphas, options.Scale))],
            new([.. Spectra.Select(spectrum => Lines([.. records.Where(record => record.Labels["spectrum"] == spectrum)], spectrum, alphas, setup))], 2),
            FormattableString.Invariant($"Completing a {setup.Size} × {setup.Size} matrix of rank {setup.Rank} from {setup.Observed:P0} of its entries: ")
                + FormattableString.Invariant($"iterations to a train loss of {setup.Tolerance:0e+0}, as the outer factors step faster than the inner one, for two ")
                + "ways to choose the matrix's singular values. Lines are means over the seeds, bands go from the least to the most.",
            [],
            [
                SpectraRemark,
                "The authors' figure is one run. A fifth of the entries is about twice what fixes the matrix, and draws differ up to threefold: look at the range of ours too.",
                "The authors' grid has a step of 0.25 throughout; here it is coarser from 1.5 on.",
                "The break-even is where the line between two values of alpha crosses the original's iterations of the same seed.",
            ]);
    }

    private static IEnumerable<Finding> Findings(
        IReadOnlyList<CellRecord> records, string spectrum, double[] alphas, ReproductionScale scale)
    {
        var full = scale == ReproductionScale.Full;
        var expected = full ? FullExpected : QuickExpected[spectrum];
        Finding Iterations(string name, string alpha, double value) => Finding.Of(
            $"iterations, {name}, {spectrum}",
            Of(records, alpha).Select(record => record.Number("iterations")),
            Expectation.Near(value, 0.1, full ? AuthorsFigure : OwnRun));
        yield return Iterations("original", None, expected.Original);
        yield return Iterations($"compressed, alpha = {Text(alphas[0])}", Text(alphas[0]), expected.First);
        yield return Iterations($"compressed, alpha = {Text(alphas[^1])}", Text(alphas[^1]), expected.Last);
        yield return Finding.Of(
            $"break-even alpha, {spectrum}",
            records.Select(record => record.Seed).Distinct().Select(seed => BreakEven([.. records.Where(record => record.Seed == seed)], alphas)),
            Expectation.Near(expected.BreakEven, 0.1, full ? AuthorsFigure : OwnRun));
    }

    private static double BreakEven(IReadOnlyList<CellRecord> records, double[] alphas)
    {
        double At(string alpha) => Of(records, alpha).Select(record => record.Number("iterations")).FirstOrDefault(double.NaN);
        var original = At(None);
        foreach (var (low, high) in alphas.Zip(alphas.Skip(1)))
        {
            var (more, less) = (At(Text(low)) - original, At(Text(high)) - original);
            if (more >= 0 && less < 0)
            {
                return low + ((high - low) * more / (more - less));
            }
        }

        return double.NaN;
    }

    private static LinePanel Lines(IReadOnlyList<CellRecord> records, string spectrum, double[] alphas, CompanionSetup setup) => new(
        $"iterations, {spectrum}",
        "alpha, step of the outer factors over that of the inner one",
        FormattableString.Invariant($"iterations to a train loss of {setup.Tolerance:0e+0}"),
        [
            LineSeries.OverRuns(
                Original,
                0,
                Of(records, None).SelectMany(record => new[] { (alphas[0], record.Number("iterations")), (alphas[^1], record.Number("iterations")) })),
            LineSeries.OverRuns(
                Compressed,
                1,
                alphas.SelectMany(alpha => Of(records, Text(alpha)).Select(record => (alpha, record.Number("iterations"))))),
        ])
    { FromZero = true, Legend = LegendPlace.UpperRight };

    private static IEnumerable<CellRecord> Of(IReadOnlyList<CellRecord> records, string alpha) =>
        records.Where(record => record.Labels["alpha"] == alpha);

    private static CompanionSetup SetupAt(ReproductionScale scale) => scale == ReproductionScale.Full ? Full : Quick;

    private static double[] AlphasAt(ReproductionScale scale) => scale == ReproductionScale.Full ? FullAlphas : QuickAlphas;

    private static string Text(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>What should come out.</summary>
    /// <param name="Original">Iterations of the original.</param>
    /// <param name="First">Iterations of the compressed network at the least alpha.</param>
    /// <param name="Last">The same at the largest.</param>
    /// <param name="BreakEven">Where both need as many.</param>
    private sealed record Expected(double Original, double First, double Last, double BreakEven);
}
