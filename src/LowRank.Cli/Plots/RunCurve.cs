using System.Text.Json.Nodes;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Runs;
using LowRank.FineTuning.Training;

namespace LowRank.Cli.Plots;

/// <summary>Draws a run's loss and scores into its folder when it ends, resumed parts included.</summary>
internal sealed class RunCurve(RunFolder folder, Screen screen) : TrainingObserver
{
    private const int MostPoints = 200;

    public override void Observe(TrainingEvent happened)
    {
        if (happened is not TrainingEvent.Finished { Result: { Steps: > 0 } result })
        {
            return;
        }

        try
        {
            Draw(result.MainScore);
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or InvalidOperationException)
        {
            screen.Note($"The curve could not be drawn ({e.Message}); metrics.jsonl has its numbers.");
        }
    }

    private void Draw(string mainScore)
    {
        var lines = File.ReadLines(folder.MetricsFile).Select(line => JsonNode.Parse(line)!).ToList();
        var steps = lines.Where(line => line["loss"] is not null).Select(line => Point(line, line["loss"])).ToList();
        var evaluations = lines.Where(line => line["evaluation"] is not null).ToList();
        PlotCurve[] curves =
        [
            new("training loss", Thin(steps)),
            new("validation loss", [.. evaluations.Select(line => Point(line, line["evaluation"]?["loss"]))]),
            new($"validation {mainScore}", [.. evaluations.Select(line => Point(line, line["evaluation"]?[mainScore]))]),
        ];
        LearningCurvePlot.Write(
            Path.ChangeExtension(folder.CurveFile, null),
            $"Fine-tuning, {Path.GetFileName(Path.GetFullPath(folder.Path))}",
            "steps",
            $"loss, {mainScore}",
            logarithmic: false,
            [.. curves.Where(curve => curve.Points.Count > 0)]);
    }

    // Means of neighbours: a curve has no use for more points than the picture has columns.
    private static List<(double X, double Y)> Thin(List<(double X, double Y)> points) =>
        [.. points.Chunk((points.Count / MostPoints) + 1).Select(part => (part[^1].X, part.Average(point => point.Y)))];

    private static (double X, double Y) Point(JsonNode line, JsonNode? value) =>
        (line["step"]!.GetValue<double>(), value?.GetValue<double>() ?? double.NaN);
}
