using LowRank.Experiments.Reports.Figures;

namespace LowRank.Experiments.Reproduction.Language;

/// <summary>Scores against rows or ranks, a panel for each protocol.</summary>
internal static class ScorePanels
{
    /// <summary>The panels; one of a protocol without runs is left out.</summary>
    /// <param name="view">The runs.</param>
    /// <param name="methods">The methods.</param>
    /// <param name="xLabel">What the scores stand against.</param>
    /// <param name="places">The places, with rank and rows of each.</param>
    public static IEnumerable<Panel> Of(
        LanguageView view, IReadOnlyList<LanguageMethod> methods, string xLabel, IReadOnlyList<(double X, int Rank, int? Rows)> places) =>
        from protocol in LanguageView.Protocols
        from task in view.Scene.Tasks
        let lines = methods.Select(method => Line(view, protocol, task, method, places)).Where(line => line.Points.Count > 0).ToList()
        where lines.Count > 0
        select new LinePanel($"{task.Name}, {LanguageView.Words(protocol)}", xLabel, Name(task), lines) { LogarithmicX = true, Legend = LegendPlace.Below };

    /// <summary>A task's score as an axis names it.</summary>
    public static string Name(LanguageTask task) => task.Score.Name == "pearson" ? "Pearson's correlation" : task.Score.Name;

    private static LineSeries Line(
        LanguageView view, Protocol protocol, LanguageTask task, LanguageMethod method, IReadOnlyList<(double X, int Rank, int? Rows)> places)
    {
        var points = from place in places
                     let outcome = view.Scores.Of(protocol, task, method, place.Rank, place.Rows)
                     where outcome is not null
                     let summary = outcome.Summary
                     select (place.X, summary.Mean, summary.Mean - summary.HalfWidth, summary.Mean + summary.HalfWidth);
        return new(method.Label, method.Style, [.. points], LineLook.MarkedLine);
    }
}
