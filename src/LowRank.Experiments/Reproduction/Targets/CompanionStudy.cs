using LowRank.Experiments.Reports.Figures;
using static LowRank.Experiments.Reproduction.Targets.CompanionRun;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>Original against compressed network in one of the earlier paper's problems.</summary>
internal abstract class CompanionStudy : Target
{
    private static readonly string[] Networks = [Original, Compressed];

    public sealed override string Place => "the authors' earlier paper, arXiv 2311.05061";

    public sealed override string Needs => "nothing";

    /// <summary>What the matrix is found from, in words of a caption.</summary>
    protected abstract string Problem { get; }

    /// <summary>What a sceptical reader should know besides the spectra.</summary>
    protected abstract IReadOnlyList<string> Remarks { get; }

    /// <summary>Seeds where the user named none.</summary>
    protected abstract int Trials { get; }

    public sealed override object Settings(ReproductionOptions options) => SetupAt(options.Scale);

    public sealed override IReadOnlyList<Cell> Cells(ReproductionOptions options)
    {
        var setup = SetupAt(options.Scale);
        return
        [
            .. from seed in options.Seeds ?? [.. Enumerable.Range(0, options.Scale == ReproductionScale.Full ? Trials : 1)]
               from spectrum in Spectra
               from network in Networks
               select new Cell(
                   [("network", network), ("spectrum", spectrum)],
                   seed,
                   network == Compressed && setup.Measurements == 0 ? setup.Seconds / 4 : setup.Seconds,
                   context => Run(setup, network, spectrum, seed, context)),
        ];
    }

    public sealed override TargetOutcome Judge(IReadOnlyList<CellRecord> records, ReproductionOptions options)
    {
        var setup = SetupAt(options.Scale);
        var first = records.Select(record => record.Seed).DefaultIfEmpty(0).Min();
        return new(
            [.. Spectra.SelectMany(spectrum => Findings([.. records.Where(record => record.Labels["spectrum"] == spectrum)], spectrum, options.Scale))],
            Picture([.. records.Where(record => record.Seed == first)], setup),
            FormattableString.Invariant($"A {setup.Size} × {setup.Size} matrix of rank {setup.Rank} {Problem}, by a factorization of full width ")
                + FormattableString.Invariant($"(original) and one of width {2 * setup.Rank} from a surrogate's singular vectors (compressed), for two ways to ")
                + FormattableString.Invariant($"choose the matrix's singular values; seed {first}."),
            [],
            [SpectraRemark, .. Remarks]);
    }

    /// <summary>The settings at a scale.</summary>
    protected abstract CompanionSetup SetupAt(ReproductionScale scale);

    /// <summary>What the runs of one spectrum say.</summary>
    protected abstract IEnumerable<Finding> Findings(IReadOnlyList<CellRecord> records, string spectrum, ReproductionScale scale);

    /// <summary>A number of one network over the seeds.</summary>
    protected static Finding Over(IReadOnlyList<CellRecord> records, string name, string network, string number, Expectation? expected) =>
        Finding.Of(name, records.Where(record => record.Labels["network"] == network).Select(record => record.Number(number)), expected);

    /// <summary>Processor time of the original over that of the compressed network, seed by seed.</summary>
    protected static Finding TimeRatio(IReadOnlyList<CellRecord> records, string spectrum, double? told) => Finding.Of(
        $"processor seconds, original over compressed, {spectrum}",
        from original in records
        from compressed in records
        where original.Labels["network"] == Original && compressed.Labels["network"] == Compressed && original.Seed == compressed.Seed
        select original.Number("processor_seconds") / compressed.Number("processor_seconds"),
        told is { } ratio ? Expectation.Told(ratio, $"{Origin.AuthorsFigure}; another machine, so no band") : null);

    private static Figure Picture(IReadOnlyList<CellRecord> records, CompanionSetup setup) => new(
        [
            Curves(records, "train loss", "iterations", 0, "train loss", 1),
            .. setup.Observed < 1 || setup.Measurements > 0
                ? [Curves(records, "recovery error", "iterations", 0, setup.Measurements > 0 ? "relative distance" : "recovery error on unknown entries", 2)]
                : Array.Empty<LinePanel>(),
            Curves(records, "train loss over time", "processor seconds", 4, "train loss", 1),
        ],
        setup.Observed < 1 || setup.Measurements > 0 ? 3 : 2);

    private static LinePanel Curves(IReadOnlyList<CellRecord> records, string title, string xLabel, int x, string yLabel, int y) => new(
        title,
        xLabel,
        yLabel,
        [
            .. Spectra.SelectMany(spectrum => Networks.Select(network => (Network: network, Spectrum: spectrum)))
                .Select((one, style) => (one.Network, one.Spectrum, style, Record: records.FirstOrDefault(record =>
                    record.Labels["network"] == one.Network && record.Labels["spectrum"] == one.Spectrum)))
                .Where(one => one.Record is not null)
                .Select(one => LineSeries.Plain(
                    $"{one.Network}, {one.Spectrum}", one.style, one.Record!.Series("curve").Select(row => (row[x], row[y])))),
        ])
    { LogarithmicY = true, Legend = LegendPlace.Below };
}
