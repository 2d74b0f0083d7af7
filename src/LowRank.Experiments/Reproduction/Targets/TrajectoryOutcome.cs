using LowRank.Experiments.Reports.Figures;
using static LowRank.Experiments.Reproduction.Targets.Origin;
using static LowRank.Experiments.Reproduction.Targets.Trajectories;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>What the runs of <see cref="Trajectories"/> say.</summary>
internal sealed class TrajectoryOutcome(IReadOnlyList<CellRecord> records, TrajectorySetup setup, ReproductionScale scale)
{
    private const double Reached = 1e-10;

    /// <summary>Judges them.</summary>
    public TargetOutcome Judge() => new(
        [.. FactorizationFindings(), .. CompletionFindings()],
        Picture(),
        Caption(),
        [],
        [
            "The trajectories are those of 128 entries of the matrix, drawn once, at the checks around the fall of the loss, projected on the "
                + "first three principal components of the original's; the authors' pictures show the whole matrix on components 8 to 10, and 12, 0 and 2.",
            FormattableString.Invariant($"Completion ends after {setup.CompletionLimit:#,0} iterations at the latest; the authors' code allows 170,000, ")
                + "which only the run with frozen outer factors would use, on its plateau.",
            .. Extrapolations(),
        ]);

    private IEnumerable<Finding> FactorizationFindings()
    {
        var pairs = Pairs(WhollyKnown, Compressed).ToList();
        yield return Finding.Of(
            "factorization: iterations to 1e-10, compressed",
            IterationsOf(WhollyKnown, Compressed),
            Expect(null, 820));
        yield return Finding.Of(
            "factorization: iterations to 1e-10, original less compressed",
            pairs.Where(pair => pair.Original.Result.Complete && pair.Other.Result.Complete)
                .Select(pair => pair.Original.Number("iterations") - pair.Other.Number("iterations")),
            new(0, -setup.FactorizationCheck, setup.FactorizationCheck, "the theorem: they coincide, up to a check"));
        yield return Finding.Of(
            "factorization: largest difference of the two losses, to the first loss",
            pairs.Select(pair => LossDifference(pair.Original, pair.Other)),
            Expectation.AtMost(1e-6, "the theorem: they coincide, up to ε³"),
            Until(pairs));
        yield return Ratio("factorization", pairs, Told(9, "45 s to about 5 s"));
    }

    private IEnumerable<Finding> CompletionFindings()
    {
        var pairs = Pairs(PartlyKnown, Compressed).ToList();
        yield return Finding.Of(
            "completion: recovery error before the first iteration",
            Of(PartlyKnown, Compressed).Select(record => record.Series("curve")[0][2]),
            Expect(Expectation.Near(7.84e-3, 0.1, IndependentRun), 0.02241));
        yield return Finding.Of(
            "completion: iterations to 1e-10, compressed with γ",
            IterationsOf(PartlyKnown, Compressed),
            Expect(Expectation.Near(19_750, 0.1, $"{AuthorsFigure}: 19,500 to 20,000"), 2_080));
        yield return Finding.Of(
            "completion: iterations to 1e-10, original",
            IterationsOf(PartlyKnown, Original),
            Expect(Expectation.Near(19_750, 0.1, $"{AuthorsFigure}: 19,500 to 20,000"), 1_200));
        yield return Finding.Of(
            "completion: last recovery error, compressed with γ",
            Ended(PartlyKnown, Compressed).Select(record => record.Number("recovery_error")),
            Paper(Expectation.AtMost(6e-12, $"{AuthorsFigure}: 6e-13, within its order")));
        yield return Finding.Of(
            "completion: last recovery error, original",
            Ended(PartlyKnown, Original).Select(record => record.Number("recovery_error")),
            Paper(Expectation.AtMost(1e-8, $"{AuthorsFigure}: 2e-13; the run ends at the first check below 1e-9, so that it may be anything below")));
        yield return Finding.Of(
            "completion: plateau of the recovery error, γ = 0",
            Ended(PartlyKnown, Frozen).Select(record => record.Number("recovery_error")),
            Expect(Expectation.Near(4.8e-4, 0.1, $"{IndependentRun}; the figure shows about 5e-4"), 3.313e-3));
        yield return Finding.Of(
            "completion: plateau of the train loss, γ = 0",
            Ended(PartlyKnown, Frozen).Select(record => record.Number("train_loss")),
            Expect(Expectation.Near(1.08e-4, 0.1, IndependentRun), 1.407e-3));
        yield return Ratio("completion", pairs, Told(6.4, "43 s to 6 to 7.5 s"));
    }

    private Expectation? Expect(Expectation? paper, double quick) =>
        scale == ReproductionScale.Full ? paper : Expectation.Near(quick, 0.1, OwnRun);

    private Expectation? Paper(Expectation expectation) => scale == ReproductionScale.Full ? expectation : null;

    private Expectation? Told(double value, string words) => Paper(Expectation.Told(value, $"{AuthorsFigure}, {words}; another machine, so no band"));

    private static Finding Ratio(string problem, List<(CellRecord Original, CellRecord Other)> pairs, Expectation? expected) => Finding.Of(
        $"{problem}: processor time of an iteration, original over compressed",
        pairs.Select(pair => SecondsPerIteration(pair.Original) / SecondsPerIteration(pair.Other)),
        expected);

    private IEnumerable<string> Extrapolations() =>
        from problem in new[] { WhollyKnown, PartlyKnown }
        from pair in Pairs(problem, Compressed)
        where !pair.Original.Result.Complete && pair.Other.Result.Complete
        let whole = SecondsPerIteration(pair.Original) * pair.Other.Number("iterations")
        select FormattableString.Invariant($"Extrapolated, {problem}: the original was stopped after {pair.Original.Number("iterations"):#,0} iterations; ")
            + FormattableString.Invariant($"at its pace the {pair.Other.Number("iterations"):#,0} of the compressed network would take it {whole:#,0} s, ")
            + FormattableString.Invariant($"against {pair.Other.Number("processor_seconds"):#,0} s.");

    private static string Until(List<(CellRecord Original, CellRecord Other)> pairs) =>
        pairs.Where(pair => !pair.Original.Result.Complete).Select(pair => pair.Original.Number("iterations")).DefaultIfEmpty(0).Min() is > 0 and var last
            ? FormattableString.Invariant($"the original's first {last:#,0} iterations only")
            : "";

    private IEnumerable<double> IterationsOf(string problem, string network) => Of(problem, network)
        .Select(record => record.Series("curve").Where(row => row[1] < Reached).Select(row => row[0]).DefaultIfEmpty(double.NaN).First());

    private static double LossDifference(CellRecord original, CellRecord other)
    {
        var theirs = other.Series("curve").ToDictionary(row => row[0], row => row[1]);
        return original.Series("curve").Where(row => theirs.ContainsKey(row[0])).Max(row => Math.Abs(row[1] - theirs[row[0]]))
            / original.Series("curve")[0][1];
    }

    private static double SecondsPerIteration(CellRecord record) => record.Number("processor_seconds") / record.Number("iterations");

    private IEnumerable<(CellRecord Original, CellRecord Other)> Pairs(string problem, string network) =>
        from original in Of(problem, Original)
        from other in Of(problem, network)
        where original.Seed == other.Seed
        select (original, other);

    private IEnumerable<CellRecord> Of(string problem, string network) =>
        records.Where(record => record.Labels["problem"] == problem && record.Labels["network"] == network);

    private IEnumerable<CellRecord> Ended(string problem, string network) =>
        Of(problem, network).Where(record => record.Result.Complete);

    private string Caption() =>
        FormattableString.Invariant($"Above, factorization of a {setup.Size} × {setup.Size} matrix of rank {setup.FactorizationRank}; below, completion ")
        + FormattableString.Invariant($"of one of rank {setup.CompletionRank} from {setup.Observed:P0} of its entries. Left: the way of the product while ")
        + "the loss falls. Middle: against iterations. Right: against processor time (the full-width network's is the long one).";

    private Figure? Picture()
    {
        var seed = records.Select(record => record.Seed).DefaultIfEmpty(0).Min();
        var first = new TrajectoryFigure([.. records.Where(record => record.Seed == seed)]);
        return records.Count == 0 ? null : first.Draw();
    }
}
