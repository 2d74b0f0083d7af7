using static LowRank.Experiments.Reproduction.Targets.CompanionRun;
using static LowRank.Experiments.Reproduction.Targets.Origin;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>The earlier paper's matrix sensing: a matrix found from linear measurements.</summary>
internal sealed class CompanionSensing : CompanionStudy
{
    private const double SameOrder = 3;

    private static readonly CompanionSetup Full = new()
    {
        Size = 200,
        Rank = 5,
        Measurements = 4_000,
        Step = 20,
        MaxSteps = 1_250,
        CheckEvery = 50,
        Tolerance = 1e-12,
        Seconds = 110,
    };

    private static readonly CompanionSetup Quick = Full with { Size = 30, Rank = 2, Measurements = 400, Step = 4, MaxSteps = 4_000, Seconds = 1 };

    // Iterations to the drop of original and compressed.
    private static readonly Dictionary<string, (double, double)> QuickDrops = new() { [Spread] = (1_700, 1_500), [Top] = (1_350, 1_200) };

    // Relative distances at the end.
    private static readonly Dictionary<string, (double, double)> QuickErrors = new() { [Spread] = (3.11e-6, 3.38e-6), [Top] = (3.27e-6, 3.21e-6) };

    public override string Id => "extra-comp-ms";

    public override string Shows => "Sensing in the earlier paper: the compressed network finds the matrix from linear measurements in fewer iterations.";

    protected override string Problem => "is found from Gaussian measurements";

    protected override int Trials => 1;

    protected override IReadOnlyList<string> Remarks =>
    [
        "The loss is half the sum of squared residuals, the entries of the measurement matrices have deviation 1/m, and the recovery error is the distance over the matrix's norm.",
        "The measurement matrices take 1.3 GB, twice that while they are drawn, and a step reads them twice: the compressed network saves iterations, hardly time per iteration.",
        "The authors' figure ends after 25 checks of 50, and so do our runs; their notebook would go on to 500 checks, on a floor above its tolerance.",
        "The drop is the first check, every 50, at which the train loss is below 1e-10; where it never is, the last iteration stands for it. No number of it was published.",
    ];

    protected override CompanionSetup SetupAt(ReproductionScale scale) => scale == ReproductionScale.Full ? Full : Quick;

    protected override IEnumerable<Finding> Findings(IReadOnlyList<CellRecord> records, string spectrum, ReproductionScale scale)
    {
        var full = scale == ReproductionScale.Full;
        Expectation? Count(double own) => full ? null : Expectation.Near(own, 0.1, OwnRun);
        var (original, compressed) = QuickDrops[spectrum];
        var (originalError, compressedError) = full ? (7e-6, 4e-6) : QuickErrors[spectrum];
        var source = full ? AuthorsFigure : OwnRun;
        yield return Over(records, $"iterations to the drop, original, {spectrum}", Original, "drop", Count(original));
        yield return Over(records, $"iterations to the drop, compressed, {spectrum}", Compressed, "drop", Count(compressed));
        yield return Over(
            records, $"relative distance at the end, original, {spectrum}", Original, "recovery_error", Expectation.SameOrder(originalError, SameOrder, source));
        yield return Over(
            records, $"relative distance at the end, compressed, {spectrum}", Compressed, "recovery_error", Expectation.SameOrder(compressedError, SameOrder, source));
        yield return TimeRatio(records, spectrum, null);
    }
}
