namespace LowRank.FineTuning.Metrics.Generation;

/// <summary>What two texts share, seen from either side.</summary>
/// <param name="Precision">The shared part of the prediction, 0 to 1.</param>
/// <param name="Recall">The shared part of the reference, 0 to 1.</param>
public readonly record struct OverlapScore(double Precision, double Recall)
{
    /// <summary>The harmonic mean of both, 0 to 1.</summary>
    public double F => Precision + Recall > 0 ? 2 * Precision * Recall / (Precision + Recall) : 0;

    internal static OverlapScore Of(int shared, int prediction, int reference) =>
        new(shared / (double)Math.Max(1, prediction), shared / (double)Math.Max(1, reference));
}
