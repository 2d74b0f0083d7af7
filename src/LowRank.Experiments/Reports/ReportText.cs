using System.Globalization;
using System.Text;
using LowRank.Experiments.Comparisons;
using LowRank.Tensors;

namespace LowRank.Experiments.Reports;

/// <summary>A report in words.</summary>
public static class ReportText
{
    internal const string Title = "Comparison of adapter methods";

    /// <summary>What was compared, on what, and what to keep in mind.</summary>
    /// <param name="report">The report.</param>
    /// <returns>Sentences, one a line.</returns>
    public static IReadOnlyList<string> Conditions(ComparisonReport report)
    {
        var settings = Check.NotNull(report).Settings;
        return
        [
            $"Model {settings.Model}, rows of {settings.Data}, {Count(report.Runs, "run")}, {Count(report.Seeds.Count, "seed")} "
                + $"({string.Join(", ", report.Seeds)}). A seed means the same rows, order and head for every method.",
            $"Scores are {settings.Score} ({(settings.HigherIsBetter ? "higher" : "lower")} is better) on {settings.TestRows} test rows "
                + (settings.TestFromTrainingFile ? "set aside from the training file before anything else" : "of a file of their own")
                + ", which chose nothing.",
            $"A number of training rows counts those rows alone, spread over the labels as in the file. {Validation(settings)}",
            Training(settings),
            .. Warnings(report),
        ];
    }

    /// <summary>For each method and way of choosing the rate: where it is ahead of the baseline, behind, or neither.</summary>
    /// <param name="report">The report.</param>
    /// <returns>Sentences, one a line; none without a baseline.</returns>
    public static IReadOnlyList<string> Verdicts(ComparisonReport report) =>
    [
        .. Verdicts(Check.NotNull(report).AtBestRate, report.Baseline, "best learning rates"),
        .. Verdicts(report.AtDefaultRate, report.Baseline, "default learning rates"),
    ];

    /// <summary>All tables: scores, sensitivities, steps, cost.</summary>
    /// <param name="report">The report.</param>
    /// <returns>The tables, the most important first.</returns>
    public static IReadOnlyList<ReportTable> Tables(ComparisonReport report)
    {
        var samples = Check.NotNull(report).Scores.Select(score => score.Samples).Distinct().ToList();
        return
        [
            .. samples.SelectMany(count => new[] { ReportTables.Scores(report, count, best: true), ReportTables.Scores(report, count, best: false) }),
            .. samples.Select(count => ReportTables.ByRank(report, count)),
            .. samples.Select(count => ReportTables.ByRate(report, count)),
            .. samples.Where(_ => report.Settings.LossLevels.Count > 0).Select(count => ReportTables.Steps(report, count)),
            ReportTables.Cost(report),
        ];
    }

    /// <summary>The whole report as a Markdown file.</summary>
    /// <param name="report">The report.</param>
    /// <param name="pictures">File names of pictures beside it.</param>
    /// <returns>The text.</returns>
    public static string ToMarkdown(ComparisonReport report, IReadOnlyList<string> pictures)
    {
        var text = new StringBuilder($"# {Title}\n\n");
        text.AppendJoin('\n', Conditions(report).Select(line => $"- {line}")).Append("\n\n## In short\n\n");
        text.AppendJoin('\n', Summary(report).Select(line => $"- {line}"));
        text.Append("\n\n").Append(Legend(report)).Append('\n');
        foreach (var picture in Check.NotNull(pictures))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n![{Path.GetFileNameWithoutExtension(picture)}]({picture})\n");
        }

        foreach (var table in Tables(report))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {Capital(table.Title)}\n\n{table.ToMarkdown()}");
        }

        return text.ToString();
    }

    /// <summary>The verdicts, or that there are none.</summary>
    internal static IReadOnlyList<string> Summary(ComparisonReport report) =>
        Verdicts(report) is { Count: > 0 } verdicts ? verdicts : [$"There is nothing to compare with {report.Baseline}."];

    /// <summary>A text with a capital at its start.</summary>
    internal static string Capital(string text) => $"{char.ToUpperInvariant(text[0])}{text[1..]}";

    /// <summary>What the words of verdicts and tables mean.</summary>
    internal static string Legend(ComparisonReport report) =>
        $"Ahead and behind mean that the 95 % confidence interval of the paired difference to {report.Baseline} leaves out zero and p is "
            + "below 0.05, for which it takes six seeds or more; of twenty comparisons one does so by chance. Of: how many learning rates "
            + "there were to choose from; the rate with the best mean validation score was taken. CI: 95 % confidence interval over "
            + "the seeds (Student's t). p: Wilcoxon's "
            + "signed-rank test over the seeds, two-sided. Spread: the best mean less the worst. Steps: at the first, the mean "
            + "loss of the latest five steps was that low; `never` where half of the seeds or more did not come there.";

    private static string Validation(ComparisonSettings settings) =>
        settings.ValidationFromTrainingFile
            ? $"The {settings.ValidationRows} validation rows come on top, drawn from the rest of the training file for each seed; they choose "
                + "the kept step and the learning rate, and nothing is learned from them. Who has no such rows cannot choose so well."
            : $"The {settings.ValidationRows} rows of the validation file come on top; they choose the kept step and the learning rate.";

    private static string Training(ComparisonSettings settings)
    {
        var training = settings.Common.Training;
        var length = training switch
        {
            { Steps: { } steps } => Count(steps, "step"),
            { Epochs: { } epochs } => Count(epochs, "epoch"),
            _ => "the default time",
        };
        var patience = training.Patience > 0 ? $" at most (patience {training.Patience})" : "";
        var rate = training.HeadLearningRate is { } set ? string.Create(CultureInfo.InvariantCulture, $"the rate {set}") : "its default rate";
        var head = settings.Common.Generator is not null ? "the model's own"
            : settings.Common.TrainHead ? $"trained at {rate} with every method"
            : "random and frozen";
        return $"Each run takes {length} of {Count(training.BatchSize * training.AccumulationSteps, "row")}{patience} and keeps the step with "
            + $"the best validation score. Layers: {settings.Common.Targets}. The head is {head}.";
    }

    private static IEnumerable<string> Warnings(ComparisonReport report)
    {
        if (report.Missing > 0)
        {
            yield return $"Unfinished: {Count(report.Missing, "run")} missing; means are over the seeds that there are.";
        }

        if (report.Scores.Sum(score => score.Diverged) is > 0 and var diverged)
        {
            yield return $"{Count(diverged, "run")} diverged and count with the weights of their best step before; a run without any usable score "
                + $"counts as {(report.Settings.HigherIsBetter ? "0" : "an infinite error")}.";
        }

        foreach (var edge in Edges(report))
        {
            yield return edge;
        }

        if (report.Settings.SeenTestRows > 0)
        {
            yield return $"Mind: {report.Settings.SeenTestRows} of the {report.Settings.TestRows} test rows have a text that is in the "
                + "training file too.";
        }

        if (report.Versions.Count > 1)
        {
            yield return $"Mind: the runs were made with {report.Versions.Count} different versions, systems or numbers of threads; see report.json.";
        }
    }

    // A best rate at the edge of those tried says that the search stopped too soon, which is unfair to the method.
    private static IEnumerable<string> Edges(ComparisonReport report)
    {
        foreach (var method in report.AtBestRate.Where(result => result.RatesTried > 1).GroupBy(result => result.Score.Method))
        {
            foreach (var (side, better, isAt) in new (string, string, Func<MethodResult, bool>)[]
            {
                ("highest", "higher", result => result.Score.LearningRate == RatesOf(report, result)[^1].Choice),
                ("lowest", "lower", result => result.Score.LearningRate == RatesOf(report, result)[0].Choice),
            })
            {
                if (method.Count(isAt) is > 0 and var times)
                {
                    yield return $"Mind: the best learning rate of {method.Key} is the {side} tried in {times} of {Count(method.Count(), "case")}; "
                        + $"{better} ones may be better.";
                }
            }
        }
    }

    private static IReadOnlyList<SensitivityPoint> RatesOf(ComparisonReport report, MethodResult result) => report.ByRate.First(row =>
        (row.Samples, row.Rank, row.Method) == (result.Score.Samples, result.Score.Rank, result.Score.Method)).Points;

    private static IEnumerable<string> Verdicts(IReadOnlyList<MethodResult> results, string baseline, string where) =>
        from result in results
        where result.AgainstBaseline is not null
        group result by result.Score.Method into method
        let ahead = method.Where(result => result.AgainstBaseline!.Verdict > 0).ToList()
        let behind = method.Where(result => result.AgainstBaseline!.Verdict < 0).ToList()
        select $"{method.Key} against {baseline} at {where}: ahead in {ahead.Count} of {method.Count()}{Places(ahead)}, "
            + $"behind in {behind.Count}{Places(behind)}, neither in {method.Count() - ahead.Count - behind.Count}.";

    private static string Places(List<MethodResult> results) =>
        results.Count == 0 ? "" : $" ({string.Join("; ", results.Select(PlaceOf))})";

    private static string PlaceOf(MethodResult result)
    {
        var rank = result.Score.Rank > 0 ? $" rank {result.Score.Rank}" : "";
        var gap = result.AgainstBaseline!.Mean.ToString("+0.000;-0.000", CultureInfo.InvariantCulture);
        return $"{result.Score.Samples} rows{rank} {gap}";
    }

    private static string Count(int count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
}
