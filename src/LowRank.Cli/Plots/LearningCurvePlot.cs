using LowRank.Tensors;
using ScottPlot;

namespace LowRank.Cli.Plots;

/// <summary>Draws errors against steps, as PNG and as SVG.</summary>
internal static class LearningCurvePlot
{
    private const int Width = 900;
    private const int Height = 560;

    // Okabe and Ito's colours: told apart by colour-blind readers and in grey print.
    private static readonly string[] Colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];

    // Marks, not dashes, tell curves apart without colour: the SVG canvas cannot draw dashes.
    private static readonly MarkerShape[] Marks =
        [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond];

    private const int MarksPerCurve = 12;

    /// <summary>Writes <paramref name="stem"/>.png and <paramref name="stem"/>.svg.</summary>
    /// <param name="stem">Path without extension.</param>
    /// <param name="title">What the picture shows.</param>
    /// <param name="xLabel">The horizontal axis, with its unit.</param>
    /// <param name="yLabel">The vertical axis, with its unit.</param>
    /// <param name="logarithmic">Whether the vertical axis shows powers of ten.</param>
    /// <param name="curves">Each curve's name and points; points that cannot be drawn are left out.</param>
    public static void Write(
        string stem, string title, string xLabel, string yLabel, bool logarithmic, params PlotCurve[] curves)
    {
        using var plot = new Plot();
        for (var c = 0; c < curves.Length; c++)
        {
            var points = curves[c].Points
                .Where(point => double.IsFinite(point.Y) && (!logarithmic || point.Y > 0))
                .Select(point => new Coordinates(point.X, logarithmic ? Math.Log10(point.Y) : point.Y))
                .ToArray();
            var colour = Color.FromHex(Colours[c % Colours.Length]);
            plot.Add.ScatterLine(points, colour).LineWidth = 2;
            var every = Math.Max(1, points.Length / MarksPerCurve);
            var marks = plot.Add.ScatterPoints(points.Where((_, index) => index % every == 0).ToArray(), colour);
            marks.MarkerShape = Marks[c % Marks.Length];
            marks.MarkerSize = 8;
            marks.LegendText = curves[c].Name;
        }

        if (logarithmic)
        {
            plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic
            {
                MinorTickGenerator = new ScottPlot.TickGenerators.LogMinorTickGenerator(),
                IntegerTicksOnly = true,
                LabelFormatter = power => FormattableString.Invariant($"1e{power:0}"),
            };
        }

        plot.Title(title);
        plot.XLabel(xLabel);
        plot.YLabel(yLabel);
        plot.ShowLegend(Alignment.UpperRight);
        plot.Axes.AutoScale();
        AtomicFile.Write($"{stem}.png", stream => stream.Write(plot.GetImageBytes(Width, Height, ImageFormat.Png)));
        AtomicFile.WriteText($"{stem}.svg", plot.GetSvgXml(Width, Height));
    }
}
