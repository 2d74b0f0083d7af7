namespace LowRank.Experiments.Reports.Figures;

/// <summary>A line of a panel.</summary>
/// <param name="Label">Its name in the legend.</param>
/// <param name="Style">Its colour, mark and pattern: the same number looks the same in all panels.</param>
/// <param name="Points">Where, the value, and the band's ends (NaN for none); in rising order.</param>
/// <param name="Look">How it is drawn.</param>
public sealed record LineSeries(
    string Label, int Style, IReadOnlyList<(double X, double Y, double Low, double High)> Points, LineLook Look = LineLook.Line)
{
    /// <summary>A line without a band.</summary>
    /// <param name="label">Its name in the legend.</param>
    /// <param name="style">Its look.</param>
    /// <param name="points">Where and the value.</param>
    /// <param name="look">How it is drawn.</param>
    /// <returns>The line.</returns>
    public static LineSeries Plain(string label, int style, IEnumerable<(double X, double Y)> points, LineLook look = LineLook.Line) =>
        new(label, style, [.. points.Select(point => (point.X, point.Y, double.NaN, double.NaN))], look);

    /// <summary>The mean over runs, with a band from the least to the most.</summary>
    /// <param name="label">Its name in the legend.</param>
    /// <param name="style">Its look.</param>
    /// <param name="points">Where and a run's value; several at one place are averaged.</param>
    /// <returns>The line.</returns>
    public static LineSeries OverRuns(string label, int style, IEnumerable<(double X, double Y)> points) => new(label, style,
    [
        .. points.GroupBy(point => point.X, point => point.Y).OrderBy(group => group.Key)
            .Select(group => (group.Key, group.Average(), group.Min(), group.Max())),
    ], LineLook.MarkedLine);
}
