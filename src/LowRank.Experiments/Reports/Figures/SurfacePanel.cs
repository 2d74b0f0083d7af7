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
    private const int MostRows = 26; // more are not told apart, and make a large file

    internal override void Draw(SKCanvas canvas, SKRect place)
    {
        var stride = (Heights.Count + MostRows - 1) / MostRows;
        var shown = Heights.Where((_, row) => row % stride == 0).ToList();
        var (rows, columns) = (shown.Count, shown[0].Count);
        var space = new Space(
            new(XLabel, 1, columns), new(YLabel, FirstRow, FirstRow + Heights.Count - 1), Axis.Over(ZLabel, shown.SelectMany(row => row)));
        space.Draw(canvas, place, Title);
        var tiles =
            from row in Enumerable.Range(0, rows - 1)
            from column in Enumerable.Range(0, columns - 1)
            orderby space.Depth(column + 1, FirstRow + (row * stride)) descending
            select (row, column);
        using var fill = new SKPaint { IsAntialias = true, Style = SKPaintStyle.Fill };
        foreach (var (row, column) in tiles)
        {
            using var path = new SKPath();
            path.AddPoly(
                [Corner(row, column), Corner(row, column + 1), Corner(row + 1, column + 1), Corner(row + 1, column)], close: true);
            fill.Color = Space.Skia(FigureStyle.Height(space.Height(
                (shown[row][column] + shown[row][column + 1] + shown[row + 1][column + 1] + shown[row + 1][column]) / 4)));
            canvas.DrawPath(path, fill);
        }

        SKPoint Corner(int row, int column) => space.Point(column + 1, FirstRow + (row * stride), shown[row][column]);
    }
}
