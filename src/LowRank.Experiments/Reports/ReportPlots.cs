using LowRank.Experiments.Comparisons;
using LowRank.Experiments.Methods;

namespace LowRank.Experiments.Reports;

/// <summary>The pictures of a report: score against rows, rank and learning rate, where there is more than one.</summary>
internal sealed class ReportPlots(ComparisonReport report, ComparisonFolder folder)
{
    private readonly IReadOnlyList<string> _methods =
        [.. report.AtBestRate.Select(result => result.Score.Method).Distinct().OrderBy(MethodCatalogue.PlaceOf)];

    private readonly IReadOnlyList<int> _samples = [.. report.AtBestRate.Select(result => result.Score.Samples).Distinct().Order()];
    private readonly List<int> _ranks = RanksOf(report);

    /// <summary>Draws them.</summary>
    /// <returns>The pictures.</returns>
    public IReadOnlyList<ReportPicture> Write()
    {
        var pictures = new List<ReportPicture>();
        if (_samples.Count > 1)
        {
            pictures.Add(Write("score-by-rows", "training rows", BySamples(), _ranks.Count));
        }

        if (_ranks.Count > 1)
        {
            pictures.Add(Write("score-by-rank", "rank", ByRank(), _samples.Count));
        }

        if (report.ByRate.Any(row => row.Points.Count > 1))
        {
            pictures.Add(Write("score-by-rate", "learning rate", ByRate(), _ranks.Count));
        }

        return pictures;
    }

    private ReportPicture Write(string name, string xLabel, IReadOnlyList<PlotPanel> panels, int columns)
    {
        var yLabel = $"{report.Settings.Score}, mean and 95 % CI";
        new PanelPicture(xLabel, yLabel, _methods).Write(folder.In(name), panels, columns);
        var score = report.Settings.Score;
        return new(
            name,
            $"{ReportText.Capital(score)} by {xLabel}: a line per method, mean over the seeds and 95 % confidence interval.",
            $"Lines of {score} against {xLabel} for {string.Join(", ", _methods)}, in panels: "
                + $"{string.Join("; ", panels.Select(panel => panel.Title))}. Their numbers are in the tables.");
    }

    private List<PlotPanel> BySamples() =>
    [
        .. from way in Ways()
           from rank in _ranks
           select new PlotPanel(
               $"{RankText(rank)}{way.Name}",
               Lines(way.Results.Select(result => result.Score).Where(score => IsOf(score.Rank, rank)), score => [score.Samples])),
    ];

    private List<PlotPanel> ByRank() =>
    [
        .. from way in Ways()
           from samples in _samples
           select new PlotPanel(
               $"{samples} rows, {way.Name}",
               Lines(
                   way.Results.Select(result => result.Score).Where(score => score.Samples == samples),
                   score => score.Rank > 0 ? [score.Rank] : [.. _ranks.Select(rank => (double)rank)])),
    ];

    private List<PlotPanel> ByRate() =>
    [
        .. from samples in _samples
           from rank in _ranks
           select new PlotPanel(
               $"{RankText(rank)}{samples} rows",
               Lines(report.Scores.Where(score => score.Samples == samples && IsOf(score.Rank, rank)), score => [score.LearningRate])),
    ];

    private (string Name, IReadOnlyList<MethodResult> Results)[] Ways() =>
        [("best learning rate", report.AtBestRate), ("default learning rate", report.AtDefaultRate)];

    private static IReadOnlyList<PlotLine> Lines(IEnumerable<MethodScore> scores, Func<MethodScore, IEnumerable<double>> where) =>
    [
        .. scores.GroupBy(score => score.Method).Select(method => new PlotLine(method.Key, [.. method
            .SelectMany(score => where(score).Select(x => (x, score.Test.Mean, score.Test.HalfWidth)))
            .OrderBy(point => point.x)])),
    ];

    // A method without ranks belongs to every one.
    private static bool IsOf(int own, int rank) => own == rank || own == 0;

    private static List<int> RanksOf(ComparisonReport report)
    {
        var ranks = report.AtBestRate.Select(result => result.Score.Rank).Where(rank => rank > 0).Distinct().Order().ToList();
        return ranks.Count > 0 ? ranks : [0];
    }

    private static string RankText(int rank) => rank > 0 ? $"rank {rank}, " : "";
}
