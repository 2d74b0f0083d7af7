using System.Globalization;
using System.Text.RegularExpressions;
using LowRank.Adapters;
using LowRank.Cli.Terminal;
using LowRank.Tensors;
using ScottPlot;

namespace LowRank.Cli.Plots;

/// <summary>Draws the singular values of every layer's update as a heat map: a row per layer, a column per value.</summary>
internal static partial class SpectrumPlot
{
    // Four powers of ten below the largest value a direction is as good as not there.
    private const int Powers = 4;
    private const int MostColumns = 64;
    private const int LabelSize = 12;

    // A power of ten nearer than this to an end of the legend would overprint the end's own label.
    private const double ClearOfEnds = 0.25;

    /// <summary>Writes a picture.</summary>
    /// <param name="path">A file ending in .png or .svg.</param>
    /// <param name="layers">At least one layer.</param>
    public static void Write(string path, IReadOnlyList<LayerSpectrum> layers)
    {
        var extension = Path.GetExtension(path).ToLowerInvariant();
        if (extension is not (".png" or ".svg"))
        {
            throw new UsageException($"--plot: got {path}; wanted a file ending in .png or .svg.");
        }

        var columns = Math.Min(MostColumns, layers.Max(layer => layer.SingularValues.Count));
        var (width, height) = (Math.Max(600, 470 + (14 * columns)), 190 + (15 * layers.Count));
        using var plot = Draw(layers, columns);
        if (extension == ".svg")
        {
            AtomicFile.WriteText(path, plot.GetSvgXml(width, height));
        }
        else
        {
            AtomicFile.Write(path, stream => stream.Write(plot.GetImageBytes(width, height, ImageFormat.Png)));
        }
    }

    private static Plot Draw(IReadOnlyList<LayerSpectrum> layers, int columns)
    {
        var plot = new Plot();
        var largest = layers.Max(layer => layer.SingularValues.DefaultIfEmpty(0).Max());
        var top = largest > 0 ? Math.Log10(largest) : 0;
        var cells = new double[layers.Count, columns];
        var map = plot.Add.Heatmap(cells); // for the legend; cells of its own would be a bitmap, which SVG viewers blur
        map.Colormap = new ScottPlot.Colormaps.Viridis(); // even steps to the eye, colour-blind or not, and in grey print
        map.ManualRange = new(top - Powers, top);
        for (var row = 0; row < layers.Count; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                var value = layers[row].SingularValues.ElementAtOrDefault(column);
                var height = value > 0 ? Math.Max(0, 1 + ((Math.Log10(value) - top) / Powers)) : 0;
                var y = layers.Count - 1 - row;
                var cell = plot.Add.Rectangle(column - 0.5, column + 0.5, y - 0.5, y + 0.5);
                cell.FillColor = map.Colormap.GetColor(height);
                cell.LineColor = cell.FillColor;
            }
        }

        DrawLegend(plot.Add.ColorBar(map), top);
        DrawAxes(plot, layers, columns);
        return plot;
    }

    private static void DrawLegend(ScottPlot.Panels.ColorBar legend, double top)
    {
        var whole = Enumerable.Range((int)Math.Floor(top) - Powers, Powers + 1)
            .Where(power => power > top - Powers + ClearOfEnds && power < top - ClearOfEnds);
        legend.Label = "singular value";
        legend.LabelStyle.FontSize = LabelSize;
        legend.Axis.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
            [top - Powers, .. whole.Select(power => (double)power), top],
            [$"{Number(top - Powers)} or less", .. whole.Select(power => $"1e{power}"), Number(top)]);

        static string Number(double power) => Math.Pow(10, power).ToString("0.#e+0", CultureInfo.InvariantCulture);
    }

    private static void DrawAxes(Plot plot, IReadOnlyList<LayerSpectrum> layers, int columns)
    {
        plot.Title("Singular values of each layer's update", LabelSize + 3);
        plot.XLabel("index of the singular value", LabelSize);
        plot.YLabel("layer", LabelSize);
        plot.HideGrid();
        plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
            [.. layers.Select((_, row) => (double)(layers.Count - 1 - row))], [.. layers.Select(layer => Short(layer.Path))]);
        plot.Axes.Left.TickLabelStyle.FontSize = LabelSize - 2;
        var step = columns <= 16 ? 1 : 8;
        int[] ticks = [.. Enumerable.Range(1, columns).Where(index => index == 1 || index % step == 0)];
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
            [.. ticks.Select(index => index - 1.0)], [.. ticks.Select(index => index.ToString(CultureInfo.InvariantCulture))]);
        foreach (var row in Enumerable.Range(1, layers.Count - 1).Where(row => Block(layers[row].Path) != Block(layers[row - 1].Path)))
        {
            plot.Add.HorizontalLine(layers.Count - row - 0.5, 1.5f, Colors.White);
        }

        plot.Axes.SetLimits(-0.5, columns - 0.5, -0.5, layers.Count - 0.5);
    }

    // bert.encoder.layer.3.attention.self.query: what is left of the number tells nothing that the number does not.
    private static string Short(string path) => Numbered().Replace(path, "");

    private static string Block(string path) => NumberOf().Match(path).Value;

    [GeneratedRegex(@"^.*\.(?=\d+\.)")]
    private static partial Regex Numbered();

    [GeneratedRegex(@"(?<=\.)\d+(?=\.)")]
    private static partial Regex NumberOf();
}
