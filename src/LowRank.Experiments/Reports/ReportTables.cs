using System.Globalization;
using LowRank.Experiments.Statistics;

namespace LowRank.Experiments.Reports;

/// <summary>The tables of a report.</summary>
internal static class ReportTables
{
    private const string None = "-";

    /// <summary>Score and paired difference of each method: at its best learning rate, or at its default.</summary>
    public static ReportTable Scores(ComparisonReport report, int samples, bool best) => new(
        best ? $"{samples} training rows, each method at its best learning rate (chosen on validation rows)"
            : $"{samples} training rows, each method at its default learning rate",
        [
            "method", "rank", "rate", "of", report.Settings.Score, "std", "95 % CI", "worst seed", "diverged",
            $"vs {report.Baseline}", "95 % CI", "wins-ties-losses", "p",
        ],
        [.. (best ? report.AtBestRate : report.AtDefaultRate)
            .Where(result => result.Score.Samples == samples)
            .Select(result => Row(report, result))]);

    /// <summary>Median steps until the training loss is down to each level.</summary>
    public static ReportTable Steps(ComparisonReport report, int samples)
    {
        var levels = report.Settings.LossLevels;
        return new(
            $"{samples} training rows, median steps until the training loss is down to a share of the first step's",
            [
                "method",
                "rank",
                .. levels.Select(level => $"best rate: {Percent(level)}"),
                .. levels.Select(level => $"default rate: {Percent(level)}"),
            ],
            [.. report.AtBestRate.Where(result => result.Score.Samples == samples).Select(result => (string[])
            [
                result.Score.Method,
                Rank(result.Score.Rank),
                .. StepCells(result.Score, levels.Count),
                .. StepCells(Default(report, result.Score), levels.Count),
            ])]);
    }

    /// <summary>Mean score by rank.</summary>
    public static ReportTable ByRank(ComparisonReport report, int samples)
    {
        var rows = report.ByRank.Where(row => row.Samples == samples).ToList();
        var ranks = rows.SelectMany(row => row.Points).Select(point => point.Choice).Distinct().Order().ToList();
        return new(
            $"{samples} training rows, mean {report.Settings.Score} by rank, each at its best learning rate",
            ["method", .. ranks.Select(rank => $"rank {Plain(rank)}"), "worst", "spread"],
            [.. rows.Select(row => (string[])
            [
                row.Method,
                .. ranks.Select(rank => Cell(row.Points.FirstOrDefault(point => point.Choice == rank))),
                Number(row.Worst),
                Number(row.Spread),
            ])]);
    }

    /// <summary>Mean score by learning rate: as it is where all methods have the same ones, else by its multiple.</summary>
    public static ReportTable ByRate(ComparisonReport report, int samples)
    {
        var rows = report.ByRate.Where(row => row.Samples == samples).ToList();
        var shared = rows.All(row => Rates(row).SequenceEqual(Rates(rows[0])));
        var rates = rows.SelectMany(row => row.Points).Select(Key).Distinct().Order().ToList();
        return new(
            $"{samples} training rows, mean {report.Settings.Score} by learning rate"
                + (shared ? "" : " (x: times the method's default)"),
            ["method", "rank", .. rates.Select(rate => shared ? Plain(rate) : $"{Plain(rate)}x"), "worst", "spread"],
            [.. rows.Select(row => (string[])
            [
                row.Method,
                Rank(row.Rank),
                .. rates.Select(rate => Cell(row.Points.FirstOrDefault(point => Key(point) == rate))),
                Number(row.Worst),
                Number(row.Spread),
            ])]);

        double Key(SensitivityPoint point) => shared ? point.Choice : point.Multiple;
    }

    /// <summary>What the runs took.</summary>
    public static ReportTable Cost(ComparisonReport report) => new(
        "cost, medians over all runs",
        ["method", "rank", "trained numbers", "s per run", "ms per step", "peak memory, MB"],
        [.. report.Cost.Select(cost => (string[])
        [
            cost.Method,
            Rank(cost.Rank),
            cost.TrainableParameters.ToString("N0", CultureInfo.InvariantCulture),
            cost.Seconds.ToString("0.00", CultureInfo.InvariantCulture),
            (1000 * cost.SecondsPerStep).ToString("0.0", CultureInfo.InvariantCulture),
            (cost.PeakMemoryBytes / 1e6).ToString("0", CultureInfo.InvariantCulture),
        ])]);

    private static string[] Row(ComparisonReport report, MethodResult result)
    {
        var (score, test, gap) = (result.Score, result.Score.Test, result.AgainstBaseline);
        return
        [
            score.Method,
            Rank(score.Rank),
            Plain(score.LearningRate),
            Plain(result.RatesTried),
            Number(test.Mean),
            Number(test.Deviation),
            Interval(test.Mean, test.HalfWidth, Number),
            Number(report.Settings.HigherIsBetter ? test.Least : test.Greatest),
            score.Diverged == 0 ? "0" : $"{score.Diverged} of {test.Count}",
            .. Gap(gap),
        ];
    }

    private static string[] Gap(PairedDifference? gap) => gap is null
        ? [None, None, None, None]
        :
        [
            Signed(gap.Mean),
            Interval(gap.Mean, gap.HalfWidth, Signed),
            $"{gap.Wins}-{gap.Ties}-{gap.Losses}",
            gap.PValue.ToString("0.000", CultureInfo.InvariantCulture),
        ];

    private static IEnumerable<double> Rates(Sensitivity row) => row.Points.Select(point => point.Choice);

    private static MethodScore? Default(ComparisonReport report, MethodScore score) => report.AtDefaultRate
        .Select(result => result.Score)
        .FirstOrDefault(other => (other.Samples, other.Rank, other.Method) == (score.Samples, score.Rank, score.Method));

    private static IEnumerable<string> StepCells(MethodScore? score, int levels) => score is null
        ? Enumerable.Repeat(None, levels)
        : score.StepsToLoss.Select(steps => steps is { } count ? Plain(count) : "never");

    private static string Interval(double mean, double half, Func<double, string> format) =>
        double.IsNaN(half) ? None : $"{format(mean - half)} to {format(mean + half)}";

    private static string Cell(SensitivityPoint? point) => point is null ? None : Number(point.Mean);

    private static string Rank(int rank) => rank == 0 ? None : Plain(rank);

    private static string Percent(double share) => share.ToString("0.## %", CultureInfo.InvariantCulture);

    private static string Plain(double value) => value.ToString("0.#########", CultureInfo.InvariantCulture);

    private static string Number(double value) => double.IsNaN(value) ? None : value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Signed(double value) => value.ToString("+0.0000;-0.0000;0.0000", CultureInfo.InvariantCulture);
}
