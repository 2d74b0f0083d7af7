using System.Globalization;
using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace LowRank.Experiments.Reports.Figures;

/// <summary>Lines against two axes, with a legend.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="XLabel">The horizontal axis, with its unit.</param>
/// <param name="YLabel">The vertical axis, with its unit.</param>
/// <param name="Lines">The lines.</param>
public sealed record LinePanel(string Title, string XLabel, string YLabel, IReadOnlyList<LineSeries> Lines) : Panel(Title)
{
    private const double LeastRoom = 0.12; // of the axis, between the middles of two numbers
    private const int LabelSize = 13;
    private const double Margin = 0.05;
    private const double BandOpacity = 0.15;
    private const int MostPowers = 7;
    private const double Sparse = 0.6;
    private const int LineWidth = 2;
    private const int MarkSize = 8;
    private const int MarksOnALine = 7;

    /// <summary>Whether the vertical axis is logarithmic; values that are not above 0 are left out then.</summary>
    public bool LogarithmicY { get; init; }

    /// <summary>Whether the horizontal axis is logarithmic, with a tick at each point; for few places, above 0.</summary>
    public bool LogarithmicX { get; init; }

    /// <summary>Whether the vertical axis begins at 0.</summary>
    public bool FromZero { get; init; }

    /// <summary>Where the legend is.</summary>
    public LegendPlace Legend { get; init; } = LegendPlace.UpperRight;

    internal override void Draw(SKCanvas canvas, SKRect place)
    {
        using var plot = new Plot();
        var lines = Lines.Select(Shown).ToList();
        lines.ForEach(line => AddBand(plot, line)); // all bands below all lines
        lines.ForEach(line => AddLine(plot, line));
        plot.Title(Title, size: LabelSize + 1);
        plot.XLabel(XLabel, size: LabelSize);
        plot.YLabel(YLabel, size: LabelSize);
        (plot.Axes.Bottom.Label.Bold, plot.Axes.Left.Label.Bold) = (false, false);
        SetAxes(plot, lines);
        ShowLegend(plot);
        plot.RenderManager.ClearCanvasBeforeEachRender = false; // the other panels are on the canvas already
        plot.Render(canvas, new PixelRect(place.Left, place.Right, place.Bottom, place.Top));
    }

    private LineSeries Shown(LineSeries line) => line with
    {
        Points =
        [
            .. line.Points.Where(point => double.IsFinite(Scaled(point.Y)))
                .Select(point => (Across(point.X), Scaled(point.Y), Scaled(point.Low), Scaled(point.High))),
        ],
    };

    private double Across(double x) => LogarithmicX ? Math.Log2(x) : x;

    private double Scaled(double value) => LogarithmicY ? value > 0 ? Math.Log10(value) : double.NaN : value;

    private static void AddLine(Plot plot, LineSeries line)
    {
        if (line.Look != LineLook.Marks)
        {
            var track = plot.Add.ScatterLine(Coordinates(line.Points), FigureStyle.Colour(line.Style));
            track.LineWidth = LineWidth;
        }

        var marks = plot.Add.ScatterPoints(
            Coordinates(line.Look == LineLook.Line ? Spread(line) : line.Points), FigureStyle.Colour(line.Style));
        marks.MarkerShape = FigureStyle.Mark(line.Style);
        marks.MarkerSize = MarkSize;
    }

    // A few marks on a line of many points, at other places for each style: lines that coincide are then all seen.
    private static List<(double X, double Y, double Low, double High)> Spread(LineSeries line)
    {
        var stride = Math.Max(1, line.Points.Count / MarksOnALine);
        var first = line.Style % FigureStyle.Count * stride / FigureStyle.Count;
        return [.. line.Points.Where((_, at) => at % stride == first)];
    }

    private static Coordinates[] Coordinates(IEnumerable<(double X, double Y, double Low, double High)> points) =>
        [.. points.Select(point => new Coordinates(point.X, point.Y))];

    private static void AddBand(Plot plot, LineSeries line)
    {
        var points = line.Points.Where(point => double.IsFinite(point.Low) && double.IsFinite(point.High)).ToList();
        if (points.Count > 1)
        {
            var band = plot.Add.FillY(points, point => (point.X, point.Low, point.High));
            band.FillColor = FigureStyle.Colour(line.Style).WithOpacity(BandOpacity);
            band.LineWidth = 0;
            band.MarkerSize = 0;
        }
    }

    private void SetAxes(Plot plot, List<LineSeries> lines)
    {
        var points = lines.SelectMany(line => line.Points).ToList();
        var (left, right) = Widened(points.Select(point => point.X));
        var (bottom, top) = Widened(points
            .SelectMany(point => new[] { point.Y, point.Low, point.High }).Where(double.IsFinite));
        bottom = FromZero ? 0 : bottom;
        plot.Axes.SetLimits(left, right, bottom, top);
        plot.Axes.Bottom.TickGenerator = LogarithmicX ? Places(points) : new NumericAutomatic { LabelFormatter = Number, TickDensity = Sparse };
        plot.Axes.Left.TickGenerator = LogarithmicY ? Powers(bottom, top) : new NumericAutomatic { LabelFormatter = Number, TickDensity = Sparse };
    }

    private void ShowLegend(Plot plot)
    {
        plot.Legend.ManualItems = [.. Lines.Where(line => line.Label.Length > 0).Select(line => new LegendItem
        {
            LabelText = line.Label,
            LineColor = FigureStyle.Colour(line.Style),
            LineWidth = line.Look == LineLook.Marks ? 0 : LineWidth,
            MarkerShape = FigureStyle.Mark(line.Style),
            MarkerColor = FigureStyle.Colour(line.Style),
            MarkerSize = MarkSize,
        })];
        plot.Legend.FontSize = LabelSize - 1;
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.Legend.OutlineColor = Colors.Gray.WithOpacity(0.5);
        plot.Legend.BackgroundColor = Colors.White.WithOpacity(0.85);
        switch (Legend)
        {
            case LegendPlace.None:
                plot.HideLegend();
                break;
            case LegendPlace.Below:
                plot.Legend.Orientation = Orientation.Horizontal;
                plot.ShowLegend(Edge.Bottom);
                break;
            default:
                plot.ShowLegend(Enum.Parse<Alignment>(Legend.ToString()));
                break;
        }
    }

    // From the last place leftwards; a place whose number would run into the one before has a tick alone.
    private static NumericManual Places(IEnumerable<(double X, double Y, double Low, double High)> points)
    {
        double[] places = [.. points.Select(point => point.X).Distinct().OrderDescending()];
        var room = places.Length > 1 ? (places[0] - places[^1]) * LeastRoom : 0;
        var (texts, last) = (new List<string>(), double.PositiveInfinity);
        foreach (var place in places)
        {
            var isFree = last - place >= room;
            texts.Add(isFree ? Number(Math.Pow(2, place)) : string.Empty);
            last = isFree ? place : last;
        }

        return new(places, [.. texts]);
    }

    // Powers of ten; where there are hardly any on the axis, twice and five times those as well.
    private static NumericManual Powers(double bottom, double top)
    {
        var (first, last) = ((int)Math.Floor(bottom), (int)Math.Floor(top));
        var stride = Math.Max(1, (last - first + MostPowers - 1) / MostPowers);
        double[] times = last - first > 2 ? [1] : [1, 2, 5];
        var ticks = Enumerable.Range(first, last - first + 1).Where(power => power % stride == 0)
            .SelectMany(power => times.Select(factor => (Place: power + Math.Log10(factor), Text: string.Create(CultureInfo.InvariantCulture, $"{factor}e{power}"))))
            .Where(tick => tick.Place >= bottom && tick.Place <= top)
            .ToList();
        return new([.. ticks.Select(tick => tick.Place)], [.. ticks.Select(tick => tick.Text)]);
    }

    private static string Number(double value) => Math.Abs(value) < 1e-12 ? "0"
        : Math.Abs(value) is >= 1e6 or < 1e-3 ? value.ToString("0.##e+0", CultureInfo.InvariantCulture)
        : value.ToString("#,0.####", CultureInfo.InvariantCulture);

    private static (double Low, double High) Widened(IEnumerable<double> values)
    {
        var all = values.ToList();
        var (low, high) = all.Count > 0 ? (all.Min(), all.Max()) : (0, 1);
        var more = high > low ? Margin * (high - low) : Margin;
        return (low - more, high + more);
    }
}
