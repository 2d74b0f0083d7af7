using LowRank.FineTuning.Training;

namespace LowRank.Experiments.Comparisons;

/// <summary>Remembers a run's training losses.</summary>
internal sealed class LossWatch : TrainingObserver
{
    private const int Window = 5;
    private const int MostPoints = 60;
    private readonly List<double> _losses = [];

    /// <summary>The first loss; not-a-number before any step.</summary>
    public double First => _losses.Count > 0 ? _losses[0] : double.NaN;

    public override void Observe(TrainingEvent happened)
    {
        if (happened is TrainingEvent.Stepped step)
        {
            _losses.Add(step.Loss);
        }
    }

    /// <summary>How soon the loss came down to a share of the first.</summary>
    public StepsToLoss StepsTo(double share)
    {
        for (var step = 1; step <= _losses.Count; step++)
        {
            var latest = _losses.GetRange(Math.Max(0, step - Window), Math.Min(step, Window));
            if (latest.Average() <= share * First)
            {
                return new(share, step);
            }
        }

        return new(share, null);
    }

    /// <summary>The first step whose own loss was below a level; null when none was.</summary>
    public int? FirstBelow(double level) => _losses.FindIndex(loss => loss < level) is >= 0 and var index ? index + 1 : null;

    /// <summary>Steps and mean losses, a point for each stretch of steps.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Curve()
    {
        var length = (_losses.Count + MostPoints - 1) / MostPoints;
        return [.. _losses.Chunk(Math.Max(1, length)).Select((stretch, index) =>
            (double[])[(index * length) + stretch.Length, Math.Round(stretch.Average(), 6)])];
    }
}
