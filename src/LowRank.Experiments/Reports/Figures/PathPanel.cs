using SkiaSharp;

namespace LowRank.Experiments.Reports.Figures;

/// <summary>Paths through three dimensions, with a legend.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Labels">The three axes.</param>
/// <param name="Paths">The paths.</param>
public sealed record PathPanel(string Title, (string X, string Y, string Z) Labels, IReadOnlyList<SpacePath> Paths) : Panel(Title)
{
    private const float LegendLine = 26;
    private const float LegendGap = 7;
    private const float DashLength = 8;
    private const float GapLength = 5;

    internal override void Draw(SKCanvas canvas, SKRect place)
    {
        var points = Paths.SelectMany(path => path.Points).ToList();
        var space = new Space(
            Axis.Over(Labels.X, points.Select(point => point.X)),
            Axis.Over(Labels.Y, points.Select(point => point.Y)),
            Axis.Over(Labels.Z, points.Select(point => point.Z)));
        space.Draw(canvas, place, Title);
        for (var at = 0; at < Paths.Count; at++)
        {
            var path = Paths[at];
            using var line = Pen(path.Style, at);
            using var track = Track([.. path.Points.Select(point => space.Point(point.X, point.Y, point.Z))], dashed: at > 0);
            canvas.DrawPath(track, line);
            using var mark = new SKPaint { Color = line.Color, IsAntialias = true, Style = SKPaintStyle.Fill };
            foreach (var point in path.Marks)
            {
                canvas.DrawCircle(space.Point(point.X, point.Y, point.Z), 4.5f - (1.2f * at), mark);
            }
        }

        DrawLegend(canvas, place);
    }

    // One row below the box.
    private void DrawLegend(SKCanvas canvas, SKRect place)
    {
        float[] widths = [.. Paths.Select(path => LegendLine + LegendGap + Space.WidthOf(path.Label, Space.TickSize))];
        var (left, top) = (place.MidX - ((widths.Sum() + (2 * LegendGap * (widths.Length - 1))) / 2), place.Bottom - 10);
        for (var at = 0; at < Paths.Count; at++)
        {
            using var line = Pen(Paths[at].Style, at);
            using var sample = Track([.. Enumerable.Range(0, (int)LegendLine + 1).Select(x => new SKPoint(left + x, top))], dashed: at > 0);
            canvas.DrawPath(sample, line);
            Space.Write(canvas, Paths[at].Label, new(left + LegendLine + LegendGap, top + 4), Space.TickSize, SKTextAlign.Left);
            left += widths[at] + (2 * LegendGap);
        }
    }

    // The dashes are drawn piece by piece: an SVG canvas knows no dashed pens.
    private static SKPath Track(IReadOnlyList<SKPoint> points, bool dashed)
    {
        var track = new SKPath();
        var (length, isDown) = (0f, true);
        track.MoveTo(points[0]);
        for (var at = 1; at < points.Count; at++)
        {
            if (isDown)
            {
                track.LineTo(points[at]);
            }
            else
            {
                track.MoveTo(points[at]);
            }

            length += SKPoint.Distance(points[at - 1], points[at]);
            if (dashed && length > (isDown ? DashLength : GapLength))
            {
                (length, isDown) = (0, !isDown);
            }
        }

        return track;
    }

    // Paths that coincide are all seen: the first is wide and pale, the next ones narrower and dashed.
    private static SKPaint Pen(int style, int place) => new()
    {
        Color = Space.Skia(FigureStyle.Colour(style).WithOpacity(place == 0 ? 0.45 : 1)),
        IsAntialias = true,
        Style = SKPaintStyle.Stroke,
        StrokeWidth = place == 0 ? 6 : 2,
    };
}
