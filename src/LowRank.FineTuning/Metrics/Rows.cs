using LowRank.Tensors;

namespace LowRank.FineTuning.Metrics;

/// <summary>The checks that all scores share.</summary>
internal static class Rows
{
    /// <summary>Throws unless there is a prediction for each of at least one row.</summary>
    public static void CheckLengths(int targets, int predictions)
    {
        Check.That(targets > 0, nameof(targets), "targets: got no rows; wanted at least one.");
        Check.That(
            targets == predictions,
            nameof(predictions),
            $"predictions: got {predictions} for {targets} targets; wanted one each.");
    }
}
