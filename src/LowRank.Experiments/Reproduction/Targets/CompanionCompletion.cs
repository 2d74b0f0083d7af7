using static LowRank.Experiments.Reproduction.Targets.CompanionRun;
using static LowRank.Experiments.Reproduction.Targets.Origin;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>The earlier paper's matrix completion.</summary>
internal sealed class CompanionCompletion : CompanionStudy
{
    private const double NearZero = 1e-8;

    private static readonly CompanionSetup Full = new()
    {
        Size = 100,
        Rank = 5,
        Observed = 0.3,
        Step = 10,
        Alpha = 5,
        MaxSteps = 25_000,
        CheckEvery = 50,
        Tolerance = 1e-12,
        Seconds = 4,
    };

    private static readonly CompanionSetup Quick = Full with { Size = 40, Rank = 2, Observed = 0.5, MaxSteps = 5_000, Seconds = 0.5 };

    // Iterations of original and compressed.
    private static readonly Dictionary<string, (double, double)> QuickIterations = new() { [Spread] = (2_750, 800), [Top] = (1_700, 500) };

    public override string Id => "extra-comp-mc";

    public override string Shows => "Completion in the earlier paper: a narrow network from a surrogate's singular vectors needs fewer iterations and less time.";

    protected override string Problem => "is completed from some of its entries";

    protected override int Trials => 5;

    protected override IReadOnlyList<string> Remarks =>
    [
        "The loss is half the mean over the known entries, the recovery error half the mean over the others.",
        "The earlier paper's MovieLens runs are left out: their settings were not published.",
    ];

    protected override CompanionSetup SetupAt(ReproductionScale scale) => scale == ReproductionScale.Full ? Full : Quick;

    protected override IEnumerable<Finding> Findings(IReadOnlyList<CellRecord> records, string spectrum, ReproductionScale scale)
    {
        var full = scale == ReproductionScale.Full;
        var (original, compressed) = full ? (158 * 50, 46 * 50) : QuickIterations[spectrum];
        var source = full ? AuthorsFigure : OwnRun;
        yield return Over(records, $"iterations to 1e-12, original, {spectrum}", Original, "iterations", Expectation.Near(original, 0.1, source));
        yield return Over(records, $"iterations to 1e-12, compressed, {spectrum}", Compressed, "iterations", Expectation.Near(compressed, 0.1, source));
        yield return TimeRatio(records, spectrum, full ? 7.1 / 0.4 : null);
        yield return new(
            $"largest recovery error, {spectrum}",
            records.Select(record => record.Number("recovery_error")).DefaultIfEmpty(double.NaN).Max(),
            Expectation.AtMost(NearZero, "all runs recover the matrix"));
    }
}
