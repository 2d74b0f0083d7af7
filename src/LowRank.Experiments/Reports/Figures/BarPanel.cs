using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace LowRank.Experiments.Reports.Figures;

/// <summary>Groups of bars: a group for each place, in it a bar for each series.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="XLabel">What the places are.</param>
/// <param name="YLabel">What the heights are, with their unit.</param>
/// <param name="Places">The places' names.</param>
/// <param name="Series">The series: name, look, and a height for each place.</param>
public sealed record BarPanel(
    string Title, string XLabel, string YLabel, IReadOnlyList<string> Places,
    IReadOnlyList<(string Label, int Style, IReadOnlyList<double> Heights)> Series) : Panel(Title)
{
    private const int LabelSize = 13;
    private const double Group = 0.8;
    private const double Headroom = 1.1;

    internal override void Draw(SKCanvas canvas, SKRect place)
    {
        using var plot = new Plot();
        var width = Group / Math.Max(1, Series.Count);
        for (var series = 0; series < Series.Count; series++)
        {
            var (label, style, heights) = Series[series];
            var offset = (series - ((Series.Count - 1) / 2.0)) * width;
            var bars = plot.Add.Bars((Bar[])[.. heights.Select((height, at) => new Bar
            {
                Position = at + offset,
                Value = height,
                Size = width,
                FillColor = FigureStyle.Colour(style),
                LineColor = Colors.White,
                LineWidth = 0.5f,
            })]);
            bars.LegendText = label;
        }

        plot.Title(Title, size: LabelSize + 1);
        plot.XLabel(XLabel, size: LabelSize);
        plot.YLabel(YLabel, size: LabelSize);
        (plot.Axes.Bottom.Label.Bold, plot.Axes.Left.Label.Bold) = (false, false);
        plot.Axes.Bottom.TickGenerator = new NumericManual([.. Places.Select((_, at) => (double)at)], [.. Places]);
        var top = Series.SelectMany(series => series.Heights).DefaultIfEmpty(1).Max();
        plot.Axes.SetLimits(-0.6, Places.Count - 0.4, 0, Headroom * Math.Max(top, 1e-9));
        plot.Legend.FontSize = LabelSize - 1;
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.Legend.OutlineColor = Colors.Gray.WithOpacity(0.5);
        plot.Legend.Orientation = Orientation.Horizontal;
        plot.ShowLegend(Edge.Bottom);
        plot.RenderManager.ClearCanvasBeforeEachRender = false;
        plot.Render(canvas, new PixelRect(place.Left, place.Right, place.Bottom, place.Top));
    }
}
