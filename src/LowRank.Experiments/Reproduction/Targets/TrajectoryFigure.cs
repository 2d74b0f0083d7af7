using LowRank.Experiments.Reports.Figures;
using MathNet.Numerics.Interpolation;
using MathNet.Numerics.LinearAlgebra;
using static LowRank.Experiments.Reproduction.Targets.Trajectories;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>The picture of <see cref="Trajectories"/>.</summary>
/// <param name="records">The runs of one seed.</param>
internal sealed class TrajectoryFigure(IReadOnlyList<CellRecord> records)
{
    private const int FactorizationCheckpoints = 10; // as many as the authors' pictures show
    private const int CompletionCheckpoints = 30;
    private const int PointsOfASpline = 500;
    private const int Components = 3;

    private static readonly (string Network, string Label)[] Networks =
        [(Original, "original"), (Compressed, "compressed"), (Frozen, "compressed, γ = 0")];

    /// <summary>Draws it.</summary>
    public Figure Draw() => new(
        [
            Way(WhollyKnown, FactorizationCheckpoints),
            Curve(WhollyKnown, "loss against iterations", "iteration", 0, "train loss", 1),
            Curve(WhollyKnown, "loss against time", "processor seconds", 4, "train loss", 1),
            Way(PartlyKnown, CompletionCheckpoints),
            Curve(PartlyKnown, "recovery error against iterations", "iteration", 0, "recovery error", 2),
            Curve(PartlyKnown, "recovery error against time", "processor seconds", 4, "recovery error", 2),
        ],
        Columns: 3);

    private LinePanel Curve(string problem, string title, string xLabel, int x, string yLabel, int y) => new(
        $"{problem}: {title}",
        xLabel,
        yLabel,
        [
            .. Present(problem).Select(run => LineSeries.Plain(
                run.Label, run.Style, run.Record.Series("curve").Select(row => (row[x], row[y])))),
        ])
    { LogarithmicY = true, Legend = LegendPlace.LowerLeft };

    private PathPanel Way(string problem, int checkpoints)
    {
        var runs = Present(problem).Select(run => (run.Label, run.Style, Rows: run.Record.Series("entries").TakeLast(checkpoints).ToList())).ToList();
        var basis = runs.Count == 0 ? null : new Basis(runs[0].Rows);
        return new(
            $"{problem}: the product's way",
            ("component 1", "component 2", "component 3"),
            [.. runs.Select(run => Path(run.Label, run.Style, [.. run.Rows.Select(basis!.Project)]))]);
    }

    private IEnumerable<(string Label, int Style, CellRecord Record)> Present(string problem) =>
        from network in Networks.Select((network, style) => (network.Network, network.Label, Style: style + 1))
        from record in records
        where record.Labels["problem"] == problem && record.Labels["network"] == network.Network
        select (network.Label, network.Style, record);

    // Between the checkpoints the authors draw a cubic spline.
    private static SpacePath Path(string label, int style, List<(double X, double Y, double Z)> points)
    {
        if (points.Count < 3)
        {
            return new(label, style, points, points);
        }

        double[] places = [.. points.Select((_, at) => (double)at)];
        var (x, y, z) = (Spline(point => point.X), Spline(point => point.Y), Spline(point => point.Z));
        return new(label, style, [.. Enumerable.Range(0, PointsOfASpline)
            .Select(at => (points.Count - 1.0) * at / (PointsOfASpline - 1))
            .Select(at => (x.Interpolate(at), y.Interpolate(at), z.Interpolate(at)))], points);

        CubicSpline Spline(Func<(double X, double Y, double Z), double> coordinate) =>
            CubicSpline.InterpolateNaturalSorted(places, [.. points.Select(coordinate)]);
    }

    /// <summary>The leading principal components of some checkpoints.</summary>
    private sealed class Basis
    {
        private readonly Vector<double> _mean;
        private readonly Matrix<double> _directions;

        public Basis(List<IReadOnlyList<double>> rows)
        {
            var all = Matrix<double>.Build.DenseOfRows(rows.Select(row => row.Skip(1)));
            _mean = all.ColumnSums() / all.RowCount;
            for (var row = 0; row < all.RowCount; row++)
            {
                all.SetRow(row, all.Row(row) - _mean);
            }

            var directions = all.Svd().VT;
            _directions = directions.SubMatrix(0, Math.Min(Components, directions.RowCount), 0, directions.ColumnCount);
        }

        public (double X, double Y, double Z) Project(IReadOnlyList<double> row)
        {
            var place = _directions * (Vector<double>.Build.DenseOfEnumerable(row.Skip(1)) - _mean);
            return (place[0], place.Count > 1 ? place[1] : 0, place.Count > 2 ? place[2] : 0);
        }
    }
}
