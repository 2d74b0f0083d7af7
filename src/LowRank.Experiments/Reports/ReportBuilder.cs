using LowRank.Experiments.Comparisons;
using LowRank.Experiments.Methods;
using LowRank.Experiments.Statistics;

namespace LowRank.Experiments.Reports;

/// <summary>From runs to tables: summaries over seeds, the choice of learning rates, paired differences.</summary>
internal sealed class ReportBuilder(ComparisonSettings settings, string baseline, IReadOnlyList<ComparisonRun> runs)
{
    public ComparisonReport Build()
    {
        var scores = Scores();
        var seeds = runs.Select(run => run.Cell.Seed).Distinct().Order().ToList();
        var settled = scores.GroupBy(score => (score.Samples, score.Rank, score.Method)).ToList();
        var best = Results([.. settled.Select(group => (BestOf(group), group.Count()))]);
        return new()
        {
            Settings = settings,
            Baseline = baseline,
            Runs = runs.Count,
            Missing = (scores.Count * seeds.Count) - runs.Count,
            Seeds = seeds,
            Versions = [.. runs.Select(run => run.Versions).Distinct()],
            AtBestRate = best,
            AtDefaultRate = Results([.. settled
                .SelectMany(group => group.Where(score => score.RateMultiple == 1).Select(score => (score, 1)))]),
            ByRank = ByRank([.. best.Select(result => result.Score)]),
            ByRate = [.. settled.Select(group => Sensitive(
                group.First(), group.Key.Rank, [.. group.Select(score => Point(score, score.LearningRate, score.RateMultiple))]))],
            Scores = scores,
            Cost = Costs(),
        };
    }

    private List<MethodScore> Scores() =>
    [
        .. runs
            .GroupBy(run => run.Cell with { Seed = 0 })
            .Select(group => Score(group.Key, [.. group.OrderBy(run => run.Cell.Seed)]))
            .OrderBy(score => score.Samples)
            .ThenBy(score => PlaceOf(score.Rank))
            .ThenBy(score => MethodCatalogue.PlaceOf(score.Method))
            .ThenBy(score => score.LearningRate),
    ];

    private MethodScore Score(ComparisonCell cell, IReadOnlyList<ComparisonRun> seeds) => new()
    {
        Samples = cell.Samples,
        Rank = cell.Rank,
        Method = cell.Method,
        LearningRate = cell.LearningRate,
        RateMultiple = Math.Round(cell.LearningRate / seeds[0].DefaultLearningRate, 9),
        Test = ScoreSummary.Of([.. seeds.Select(TestOf)]),
        Validation = seeds.Average(ValidationOf),
        Diverged = seeds.Count(run => run.Diverged),
        StepsToLoss = [.. settings.LossLevels.Select((_, level) => MedianSteps(seeds, level))],
        Runs = seeds,
    };

    // The rate is chosen by validation rows alone; of equals, the smallest.
    private MethodScore BestOf(IEnumerable<MethodScore> rates) => settings.HigherIsBetter
        ? rates.MaxBy(score => score.Validation)!
        : rates.MinBy(score => score.Validation)!;

    private List<MethodResult> Results(IReadOnlyList<(MethodScore Score, int Rates)> chosen) =>
        [.. chosen.Select(entry => new MethodResult(entry.Score, entry.Rates, Against(entry.Score, [.. chosen.Select(other => other.Score)])))];

    private PairedDifference? Against(MethodScore score, IReadOnlyList<MethodScore> others)
    {
        var yardsticks = others.Where(other => other.Method == baseline && other.Samples == score.Samples).ToList();
        if (yardsticks.Count == 0 || score.Method == baseline)
        {
            return null;
        }

        // A method without ranks meets the baseline at the rank that validation rows prefer.
        var yardstick = yardsticks.Find(other => other.Rank == score.Rank) ?? BestOf(yardsticks);
        var pairs = score.Runs.Join(
            yardstick.Runs, run => run.Cell.Seed, run => run.Cell.Seed, (mine, other) => (Mine: TestOf(mine), Other: TestOf(other))).ToList();
        return pairs.Count == 0 ? null : PairedDifference.Of(
            [.. pairs.Select(pair => pair.Mine)], [.. pairs.Select(pair => pair.Other)], settings.HigherIsBetter);
    }

    private List<Sensitivity> ByRank(IReadOnlyList<MethodScore> best) =>
    [
        .. best.Where(score => score.Rank > 0)
            .GroupBy(score => (score.Samples, score.Method))
            .OrderBy(group => group.Key.Samples)
            .ThenBy(group => MethodCatalogue.PlaceOf(group.Key.Method))
            .Select(group => Sensitive(
                group.First(), 0, [.. group.OrderBy(score => score.Rank).Select(score => Point(score, score.Rank, score.Rank))])),
    ];

    private Sensitivity Sensitive(MethodScore any, int rank, IReadOnlyList<SensitivityPoint> points)
    {
        var (least, greatest) = (points.Min(point => point.Mean), points.Max(point => point.Mean));
        return new(
            any.Samples, rank, any.Method, points, settings.HigherIsBetter ? least : greatest, least.Equals(greatest) ? 0 : greatest - least);
    }

    private List<MethodCost> Costs() =>
    [
        .. runs.GroupBy(run => (run.Cell.Method, run.Cell.Rank))
            .OrderBy(group => PlaceOf(group.Key.Rank))
            .ThenBy(group => MethodCatalogue.PlaceOf(group.Key.Method))
            .Select(group => new MethodCost(
                group.Key.Method,
                group.Key.Rank,
                group.First().TrainableParameters,
                Median(group.Select(run => run.Cost.Seconds)),
                Median(group.Select(run => run.Cost.SecondsPerStep)),
                Median(group.Select(run => (double)run.Cost.PeakMemoryBytes)))),
    ];

    private double TestOf(ComparisonRun run) => Usable(run.Test);

    private double ValidationOf(ComparisonRun run) => Usable(run.Validation);

    private double Usable(IReadOnlyDictionary<string, double> scores) =>
        scores.TryGetValue(settings.Score, out var score) && double.IsFinite(score) ? score : settings.WorstScore;

    private static double? MedianSteps(IReadOnlyList<ComparisonRun> seeds, int level)
    {
        var median = Median(seeds.Select(run => (double?)run.StepsToLoss[level].Steps ?? double.PositiveInfinity));
        return double.IsFinite(median) ? median : null;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private static SensitivityPoint Point(MethodScore score, double choice, double multiple) =>
        new(choice, multiple, score.Test.Mean, score.Test.HalfWidth);

    // A method without ranks stands behind the others.
    private static int PlaceOf(int rank) => rank == 0 ? int.MaxValue : rank;
}
