using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace LowRank.Experiments.Reports.Figures;

/// <summary>How numbers are spread at some places: an outline of their density, a mark for each, and a line at the mean.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="YLabel">What the numbers are, with their unit.</param>
/// <param name="Places">The places: name, look and numbers.</param>
public sealed record ViolinPanel(
    string Title, string YLabel, IReadOnlyList<(string Label, int Style, IReadOnlyList<double> Values)> Places) : Panel(Title)
{
    private const int LabelSize = 13;
    private const int Outline = 60;
    private const double HalfWidth = 0.38;
    private const double Opacity = 0.3;
    private const double Margin = 0.08;

    internal override void Draw(SKCanvas canvas, SKRect place)
    {
        using var plot = new Plot();
        plot.Add.HorizontalLine(0, 1, Colors.Gray);
        for (var at = 0; at < Places.Count; at++)
        {
            Add(plot, at, Places[at].Style, [.. Places[at].Values.Where(double.IsFinite)]);
        }

        plot.Title(Title, size: LabelSize + 1);
        plot.YLabel(YLabel, size: LabelSize);
        plot.Axes.Left.Label.Bold = false;
        plot.Axes.Bottom.TickGenerator = new NumericManual([.. Places.Select((_, at) => (double)at)], [.. Places.Select(one => one.Label)]);
        plot.Axes.Bottom.TickLabelStyle.FontSize = LabelSize - 2;
        var all = Places.SelectMany(one => one.Values).Where(double.IsFinite).Append(0).ToList();
        var more = Math.Max(Margin * (all.Max() - all.Min()), 1e-6);
        plot.Axes.SetLimits(-0.6, Places.Count - 0.4, all.Min() - (2 * more), all.Max() + (2 * more));
        plot.HideLegend();
        plot.RenderManager.ClearCanvasBeforeEachRender = false;
        plot.Render(canvas, new PixelRect(place.Left, place.Right, place.Bottom, place.Top));
    }

    private static void Add(Plot plot, int at, int style, IReadOnlyList<double> values)
    {
        if (values.Count == 0)
        {
            return;
        }

        var colour = FigureStyle.Colour(style);
        if (values.Count > 2 && values.Max() > values.Min())
        {
            var shape = plot.Add.Polygon(Shape(at, values));
            shape.FillColor = colour.WithOpacity(Opacity);
            shape.LineColor = colour;
            shape.LineWidth = 1;
        }

        var marks = plot.Add.ScatterPoints((Coordinates[])[.. values.Select(value => new Coordinates(at, value))], colour);
        marks.MarkerShape = FigureStyle.Mark(style);
        marks.MarkerSize = 6;
        var mean = plot.Add.Line(at - (HalfWidth / 2), values.Average(), at + (HalfWidth / 2), values.Average());
        (mean.LineColor, mean.LineWidth) = (Colors.Black, 2);
    }

    // A Gaussian kernel of Scott's width, as violins usually have; cut where the numbers end.
    private static Coordinates[] Shape(int at, IReadOnlyList<double> values)
    {
        var mean = values.Average();
        var deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
        var width = deviation * Math.Pow(values.Count, -0.2);
        var (low, high) = (values.Min(), values.Max());
        double[] heights = [.. Enumerable.Range(0, Outline + 1).Select(step => low + ((high - low) * step / Outline))];
        double[] densities = [.. heights.Select(height => values.Sum(value => Math.Exp(-0.5 * Math.Pow((height - value) / width, 2))))];
        var most = densities.Max();
        return
        [
            .. heights.Select((height, step) => new Coordinates(at - (HalfWidth * densities[step] / most), height)),
            .. heights.Select((height, step) => new Coordinates(at + (HalfWidth * densities[step] / most), height)).Reverse(),
        ];
    }
}
