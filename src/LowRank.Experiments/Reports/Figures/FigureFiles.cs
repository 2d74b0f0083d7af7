using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using LowRank.Tensors;
using SkiaSharp;

namespace LowRank.Experiments.Reports.Figures;

/// <summary>Writes pictures as PNG and as SVG.</summary>
internal static partial class FigureFiles
{
    private const int PanelWidth = 460;
    private const int PanelHeight = 380;
    private const float Sharpness = 2; // PNG pixels to a unit: sharp on a dense screen and in print

    /// <summary>Writes <paramref name="stem"/>.png and <paramref name="stem"/>.svg.</summary>
    /// <param name="figure">The figure.</param>
    /// <param name="stem">Path without extension.</param>
    public static void Write(Figure figure, string stem)
    {
        var rows = (figure.Panels.Count + figure.Columns - 1) / figure.Columns;
        Write(stem, figure.Columns * PanelWidth, rows * PanelHeight, Sharpness, canvas =>
        {
            for (var at = 0; at < figure.Panels.Count; at++)
            {
                var (left, top) = (at % figure.Columns * PanelWidth, at / figure.Columns * PanelHeight);
                figure.Panels[at].Draw(canvas, SKRect.Create(left, top, PanelWidth, PanelHeight));
            }
        });
    }

    /// <summary>Writes what is drawn.</summary>
    /// <param name="stem">Path without extension.</param>
    /// <param name="width">Width of the canvas.</param>
    /// <param name="height">Height of the canvas.</param>
    /// <param name="sharpness">Pixels of the PNG to a unit of the canvas.</param>
    /// <param name="draw">Draws on a white canvas.</param>
    public static void Write(string stem, int width, int height, float sharpness, Action<SKCanvas> draw)
    {
        using (var surface = SKSurface.Create(new SKImageInfo((int)(width * sharpness), (int)(height * sharpness))))
        {
            surface.Canvas.Clear(SKColors.White);
            surface.Canvas.Scale(sharpness);
            draw(surface.Canvas);
            using var image = surface.Snapshot();
            using var png = image.Encode(SKEncodedImageFormat.Png, quality: 100);
            AtomicFile.Write($"{stem}.png", png.SaveTo);
        }

        AtomicFile.WriteText($"{stem}.svg", Renumbered(SvgOf(width, height, draw)));
    }

    private static string SvgOf(int width, int height, Action<SKCanvas> draw)
    {
        using var stream = new MemoryStream();
        using (var canvas = SKSvgCanvas.Create(SKRect.Create(width, height), stream))
        {
            canvas.Clear(SKColors.White);
            draw(canvas);
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    // Skia counts its ids through the whole process: a picture would depend on those drawn before it.
    private static string Renumbered(string svg)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        return ClipId().Replace(svg, match =>
        {
            ids.TryAdd(match.Value, ids.Count);
            return string.Create(CultureInfo.InvariantCulture, $"cl_{ids[match.Value]}");
        });
    }

    [GeneratedRegex(@"\bcl_[0-9a-f]+\b")]
    private static partial Regex ClipId();
}
