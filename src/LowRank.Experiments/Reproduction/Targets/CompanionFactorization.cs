using static LowRank.Experiments.Reproduction.Targets.CompanionRun;
using static LowRank.Experiments.Reproduction.Targets.Origin;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>The earlier paper's factorization of a matrix that is wholly known.</summary>
internal sealed class CompanionFactorization : CompanionStudy
{
    private const double SameOrder = 3;

    private static readonly CompanionSetup Full = new()
    {
        Size = 100,
        Rank = 10,
        Step = 1,
        MaxSteps = 100_000,
        CheckEvery = 100,
        Tolerance = 0,
        Seconds = 40,
    };

    private static readonly CompanionSetup Quick = Full with { Size = 20, Rank = 2, MaxSteps = 20_000, Seconds = 1 };

    // Iterations to the drop of original and compressed.
    private static readonly Dictionary<string, (double, double)> QuickDrops = new() { [Spread] = (8_300, 7_200), [Top] = (7_100, 5_500) };

    public override string Id => "extra-comp-mf";

    public override string Shows => "Factorization in the earlier paper: the compressed network's loss drops earlier, to a lower floor.";

    protected override string Problem => "is factorized, all its entries known";

    protected override int Trials => 3;

    protected override IReadOnlyList<string> Remarks =>
    [
        "The drop is the first check, every 100, at which the train loss is below 1e-10; where it never is, the last iteration stands for it.",
        "The floors are what the start leaves in the directions that do not learn: (d − 2r) ε⁶ / (2d²) for the original, r ε⁶ / (2d²) for the compressed network.",
    ];

    protected override CompanionSetup SetupAt(ReproductionScale scale) => scale == ReproductionScale.Full ? Full : Quick;

    protected override IEnumerable<Finding> Findings(IReadOnlyList<CellRecord> records, string spectrum, ReproductionScale scale)
    {
        var full = scale == ReproductionScale.Full;
        var setup = SetupAt(scale);
        var (original, compressed) = full ? (80_000, 61_000) : QuickDrops[spectrum];
        var source = full ? AuthorsFigure : OwnRun;
        double Floor(int directions) => directions * Math.Pow(setup.InitialScale, 2 * setup.Depth) / (2.0 * setup.Size * setup.Size);
        Expectation Left(double read, int directions) => full
            ? Expectation.SameOrder(read, SameOrder, source)
            : Expectation.SameOrder(Floor(directions), SameOrder, "what the start leaves in the directions that do not learn");

        yield return Over(records, $"iterations to the drop, original, {spectrum}", Original, "drop", Expectation.Near(original, 0.1, source));
        yield return Over(records, $"iterations to the drop, compressed, {spectrum}", Compressed, "drop", Expectation.Near(compressed, 0.1, source));
        yield return Over(records, $"floor of the train loss, original, {spectrum}", Original, "train_loss", Left(4e-15, setup.Size - (2 * setup.Rank)));
        yield return Over(records, $"floor of the train loss, compressed, {spectrum}", Compressed, "train_loss", Left(5e-16, setup.Rank));
        yield return TimeRatio(records, spectrum, full ? 70 / 8.5 : null);
    }
}
