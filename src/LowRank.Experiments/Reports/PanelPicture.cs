using System.Globalization;
using LowRank.Experiments.Reports.Figures;
using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace LowRank.Experiments.Reports;

/// <summary>Draws panels side by side with one legend beside them, as PNG and as SVG.</summary>
/// <param name="xLabel">The horizontal axis; its scale is logarithmic.</param>
/// <param name="yLabel">The vertical axis, the same in all panels.</param>
/// <param name="methods">All methods, in the order of the legend: the same colour in every picture.</param>
internal sealed class PanelPicture(string xLabel, string yLabel, IReadOnlyList<string> methods)
{
    private const int PanelWidth = 440;
    private const int PanelHeight = 340;
    private const int LegendWidth = 190;
    private const int MostTicks = 6;
    private const double Margin = 0.06;
    private const double BandOpacity = 0.1;
    private const int LabelSize = 13;

    /// <summary>Writes <paramref name="stem"/>.png and <paramref name="stem"/>.svg.</summary>
    /// <param name="stem">Path without extension.</param>
    /// <param name="panels">The panels, row by row.</param>
    /// <param name="columns">Panels in a row.</param>
    public void Write(string stem, IReadOnlyList<PlotPanel> panels, int columns)
    {
        var (width, height) = ((columns * PanelWidth) + LegendWidth, (panels.Count + columns - 1) / columns * PanelHeight);
        FigureFiles.Write(stem, width, height, sharpness: 1, canvas => Draw(canvas, panels, columns, width, height));
    }

    private void Draw(SKCanvas canvas, IReadOnlyList<PlotPanel> panels, int columns, int width, int height)
    {
        var limits = Limits(panels);
        for (var at = 0; at < panels.Count; at++)
        {
            using var plot = Panel(panels[at], limits);
            var (left, top) = (at % columns * PanelWidth, at / columns * PanelHeight);
            RenderInto(canvas, plot, new PixelRect(left, left + PanelWidth, top + PanelHeight, top));
        }

        using var legend = Legend();
        RenderInto(canvas, legend, new PixelRect(width - LegendWidth, width, height, 0));
    }

    private static void RenderInto(SKCanvas canvas, Plot plot, PixelRect place)
    {
        plot.RenderManager.ClearCanvasBeforeEachRender = false; // the other panels are on the canvas already
        plot.Render(canvas, place);
    }

    private Plot Panel(PlotPanel panel, (double Left, double Right, double Bottom, double Top) limits)
    {
        var plot = new Plot();
        var lines = panel.Lines
            .Select(line => line with { Points = [.. line.Points.Where(point => double.IsFinite(point.Mean))] })
            .ToList();
        lines.ForEach(line => AddBand(plot, line)); // all bands below all lines
        foreach (var line in lines)
        {
            var means = plot.Add.Scatter(
                line.Points.Select(point => new Coordinates(Math.Log10(point.X), point.Mean)).ToArray(), ColourOf(line.Method));
            means.LineWidth = 2;
            means.MarkerSize = 9;
            means.MarkerShape = MarkOf(line.Method);
        }

        plot.Title(panel.Title, size: LabelSize + 1);
        plot.XLabel(xLabel, size: LabelSize);
        plot.YLabel(yLabel, size: LabelSize);
        plot.Axes.Bottom.TickGenerator = Ticks(panel);
        plot.Axes.SetLimits(limits.Left, limits.Right, limits.Bottom, limits.Top);
        return plot;
    }

    private void AddBand(Plot plot, PlotLine line)
    {
        var points = line.Points.Where(point => double.IsFinite(point.HalfWidth)).ToList();
        if (points.Count > 1)
        {
            var band = plot.Add.FillY(
                points, point => (Math.Log10(point.X), point.Mean - point.HalfWidth, point.Mean + point.HalfWidth));
            band.FillColor = ColourOf(line.Method).WithOpacity(BandOpacity);
            band.LineWidth = 0;
            band.MarkerSize = 0;
        }
    }

    private Plot Legend()
    {
        var plot = new Plot();
        plot.Layout.Frameless();
        plot.HideGrid();
        plot.ShowLegend(
            methods.Select(method => new LegendItem
            {
                LabelText = method,
                LineColor = ColourOf(method),
                LineWidth = 2,
                MarkerShape = MarkOf(method),
                MarkerColor = ColourOf(method),
                MarkerSize = 9,
            }),
            Alignment.UpperLeft);
        return plot;
    }

    private static NumericManual Ticks(PlotPanel panel)
    {
        var values = panel.Lines.SelectMany(line => line.Points).Select(point => point.X).Distinct().Order().ToList();
        if (values.Count > MostTicks)
        {
            var (first, last) = ((int)Math.Floor(Math.Log10(values[0])), (int)Math.Ceiling(Math.Log10(values[^1])));
            values = [.. Enumerable.Range(first, last - first + 1).Select(power => Math.Pow(10, power))];
        }

        return new(
            [.. values.Select(Math.Log10)],
            [.. values.Select(value => value.ToString("0.######", CultureInfo.InvariantCulture))]);
    }

    private static (double Left, double Right, double Bottom, double Top) Limits(IReadOnlyList<PlotPanel> panels)
    {
        var points = panels.SelectMany(panel => panel.Lines).SelectMany(line => line.Points)
            .Where(point => double.IsFinite(point.Mean)).ToList();
        var (left, right) = Widened(points.Select(point => Math.Log10(point.X)));
        var (bottom, top) = Widened(points.SelectMany(point => double.IsFinite(point.HalfWidth)
            ? [point.Mean - point.HalfWidth, point.Mean + point.HalfWidth]
            : new[] { point.Mean }));
        return (left, right, bottom, top);
    }

    private static (double Low, double High) Widened(IEnumerable<double> values)
    {
        var (low, high) = values.DefaultIfEmpty(0).Aggregate(
            (Low: double.MaxValue, High: double.MinValue), (range, value) => (Math.Min(range.Low, value), Math.Max(range.High, value)));
        var more = high > low ? Margin * (high - low) : Margin;
        return (low - more, high + more);
    }

    private Color ColourOf(string method) => FigureStyle.Colour(IndexOf(method));

    private MarkerShape MarkOf(string method) => FigureStyle.Mark(IndexOf(method));

    private int IndexOf(string method) => methods.TakeWhile(known => known != method).Count();
}
