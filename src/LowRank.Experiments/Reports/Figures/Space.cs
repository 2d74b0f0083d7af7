using ScottPlot;
using SkiaSharp;

namespace LowRank.Experiments.Reports.Figures;

/// <summary>A box seen from above its front corner: three axes, and where a point of the box is on the page.</summary>
/// <param name="x">The axis to the lower right.</param>
/// <param name="y">The axis to the lower left.</param>
/// <param name="z">The axis upwards.</param>
internal sealed class Space(Axis x, Axis y, Axis z)
{
    private const double Turn = Math.PI / 4.3;      // around the upright axis
    private const double Tilt = Math.PI / 7.5;      // above the horizon
    private const double Upright = 0.85;            // the box's height to its sides
    private const float Fill = 0.60f;               // part of the panel that a side of the box takes
    private const float LabelSize = 12;
    public const float TickSize = 10.5f;
    private const float TickGap = 13;
    private const double LowestTick = 0.04;         // lower ones meet those of the axis to the left
    private const float LabelGap = 36;

    private static readonly SKColor Grid = new(0xDD, 0xDD, 0xDD);
    private static readonly SKColor Edge = new(0x77, 0x77, 0x77);

    private float _scale;
    private SKPoint _centre;

    /// <summary>Draws title, box, grid and axes, behind what comes.</summary>
    /// <param name="canvas">The canvas.</param>
    /// <param name="place">The panel's part of it.</param>
    /// <param name="title">The title.</param>
    public void Draw(SKCanvas canvas, SKRect place, string title)
    {
        _scale = Math.Min(place.Width, place.Height) * Fill;
        _centre = new(place.MidX + 6, place.MidY + 4);
        Write(canvas, title, new(place.MidX, place.Top + 20), LabelSize + 2, bold: true);
        foreach (var (share, text) in x.Ticks())
        {
            Line(canvas, At(share, 1, 0), At(share, 1, 1), Grid);
            Line(canvas, At(share, 0, 0), At(share, 1, 0), Grid);
            Write(canvas, text, Beyond(At(share, 0, 0), At(share, 1, 0), TickGap), TickSize);
        }

        foreach (var (share, text) in y.Ticks())
        {
            Line(canvas, At(1, share, 0), At(1, share, 1), Grid);
            Line(canvas, At(0, share, 0), At(1, share, 0), Grid);
            Write(canvas, text, Beyond(At(0, share, 0), At(1, share, 0), TickGap), TickSize);
        }

        foreach (var (share, text) in z.Ticks().Where(tick => tick.Share > LowestTick))
        {
            Line(canvas, At(0, 1, share), At(1, 1, share), Grid);
            Line(canvas, At(1, 0, share), At(1, 1, share), Grid);
            var from = At(0, 1, share);
            Write(canvas, text, new(from.X - 6, from.Y + 4), TickSize, SKTextAlign.Right);
        }

        foreach (var (from, to) in new[]
        {
            (At(0, 0, 0), At(1, 0, 0)), (At(0, 0, 0), At(0, 1, 0)), (At(0, 1, 0), At(0, 1, 1)),
            (At(1, 0, 0), At(1, 1, 0)), (At(0, 1, 0), At(1, 1, 0)), (At(1, 1, 0), At(1, 1, 1)),
            (At(0, 1, 1), At(1, 1, 1)), (At(1, 0, 0), At(1, 0, 1)), (At(1, 0, 1), At(1, 1, 1)),
        })
        {
            Line(canvas, from, to, Edge);
        }

        Write(canvas, x.Label, Beyond(At(0.5, 0, 0), At(0.5, 1, 0), LabelGap), LabelSize, SKTextAlign.Left);
        Write(canvas, y.Label, Beyond(At(0, 0.5, 0), At(1, 0.5, 0), LabelGap), LabelSize, SKTextAlign.Right);
        var top = At(0, 1, 1);
        Write(canvas, z.Label, new(Math.Max(top.X, place.Left + 70), top.Y - 12), LabelSize);
    }

    /// <summary>Where a point is on the page.</summary>
    public SKPoint Point(double px, double py, double pz) => At(x.Share(px), y.Share(py), z.Share(pz));

    /// <summary>How far back a point is; what is farther is drawn first.</summary>
    public double Depth(double px, double py) => (x.Share(px) * Math.Sin(Turn)) + (y.Share(py) * Math.Cos(Turn));

    /// <summary>The height's share of the upright axis.</summary>
    public double Height(double pz) => z.Share(pz);

    /// <summary>A colour of the drawing library's.</summary>
    public static SKColor Skia(Color colour) => new(colour.Red, colour.Green, colour.Blue, colour.Alpha);

    private SKPoint At(double px, double py, double pz)
    {
        var (a, b, c) = (px - 0.5, py - 0.5, pz - 0.5);
        var across = (a * Math.Cos(Turn)) - (b * Math.Sin(Turn));
        var back = (a * Math.Sin(Turn)) + (b * Math.Cos(Turn));
        var up = (c * Upright * Math.Cos(Tilt)) + (back * Math.Sin(Tilt));
        return new(_centre.X + (_scale * (float)across), _centre.Y - (_scale * (float)up));
    }

    // A little outside of the box, on the line from a point inside.
    private static SKPoint Beyond(SKPoint edge, SKPoint inside, float gap)
    {
        var (dx, dy) = (edge.X - inside.X, edge.Y - inside.Y);
        var length = MathF.Sqrt((dx * dx) + (dy * dy));
        return new(edge.X + (gap * dx / length), edge.Y + (gap * dy / length) + 4);
    }

    private static void Line(SKCanvas canvas, SKPoint from, SKPoint to, SKColor colour)
    {
        using var paint = new SKPaint { Color = colour, IsAntialias = true, StrokeWidth = 1, Style = SKPaintStyle.Stroke };
        canvas.DrawLine(from, to, paint);
    }

    /// <summary>How wide a text is.</summary>
    public static float WidthOf(string text, float size)
    {
        using var face = Fonts.GetTypeface(Fonts.Default, bold: false, italic: false);
        using var font = new SKFont(face, size);
        return font.MeasureText(text);
    }

    /// <summary>Writes a text.</summary>
    public static void Write(
        SKCanvas canvas, string text, SKPoint at, float size, SKTextAlign align = SKTextAlign.Center, bool bold = false)
    {
        using var face = Fonts.GetTypeface(Fonts.Default, bold, italic: false);
        using var font = new SKFont(face, size);
        using var paint = new SKPaint { Color = SKColors.Black, IsAntialias = true };
        canvas.DrawText(text, at.X, at.Y, align, font, paint);
    }
}
