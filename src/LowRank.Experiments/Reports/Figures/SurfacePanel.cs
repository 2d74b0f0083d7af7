using SkiaSharp;

namespace LowRank.Experiments.Reports.Figures;

/// <summary>A surface over an index and the iterations.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="XLabel">The axis of the columns.</param>
/// <param name="YLabel">The axis of the rows.</param>
/// <param name="ZLabel">The axis of the heights, with their unit.</param>
/// <param name="Heights">Rows of equally many heights.</param>
/// <param name="FirstRow">What the first row is called on its axis; further rows count on from it.</param>
public sealed record SurfacePanel(
    string Title, string XLabel, string YLabel, string ZLabel, IReadOnlyList<IReadOnlyList<double>> Heights, int FirstRow)
    : Panel(Title)
{
    internal override void Draw(SKCanvas canvas, SKRect place)
    {
        var (rows, columns) = (Heights.Count, Heights[0].Count);
        var space = new Space(
            new(XLabel, 1, columns), new(YLabel, FirstRow, FirstRow + rows - 1), Axis.Over(ZLabel, Heights.SelectMany(row => row)));
        space.Draw(canvas, place, Title);
        var tiles =
            from row in Enumerable.Range(0, rows - 1)
            from column in Enumerable.Range(0, columns - 1)
            orderby space.Depth(column, row) descending
            select (row, column);
        using var fill = new SKPaint { IsAntialias = true, Style = SKPaintStyle.Fill };
        using var line = new SKPaint { IsAntialias = true, Style = SKPaintStyle.Stroke, StrokeWidth = 0.35f, Color = SKColors.White };
        foreach (var (row, column) in tiles)
        {
            using var path = new SKPath();
            path.AddPoly(
                [Corner(row, column), Corner(row, column + 1), Corner(row + 1, column + 1), Corner(row + 1, column)], close: true);
            fill.Color = Space.Skia(FigureStyle.Height(space.Height(
                (Heights[row][column] + Heights[row][column + 1] + Heights[row + 1][column + 1] + Heights[row + 1][column]) / 4)));
            canvas.DrawPath(path, fill);
            canvas.DrawPath(path, line);
        }

        SKPoint Corner(int row, int column) => space.Point(column + 1, FirstRow + row, Heights[row][column]);
    }
}
