using LowRank.Tensors;

namespace LowRank.FineTuning.Metrics;

/// <summary>How often each class was taken for each other.</summary>
public sealed class ConfusionMatrix
{
    private readonly int[,] _counts;
    private readonly int[] _targets;
    private readonly int[] _predictions;

    private ConfusionMatrix(int[,] counts)
    {
        _counts = counts;
        Classes = counts.GetLength(0);
        _targets = new int[Classes];
        _predictions = new int[Classes];
        for (var target = 0; target < Classes; target++)
        {
            for (var prediction = 0; prediction < Classes; prediction++)
            {
                _targets[target] += counts[target, prediction];
                _predictions[prediction] += counts[target, prediction];
                Total += counts[target, prediction];
            }

            Correct += counts[target, target];
        }
    }

    /// <summary>The number of classes.</summary>
    public int Classes { get; }

    /// <summary>The number of rows counted.</summary>
    public int Total { get; }

    /// <summary>The number of rows whose class was found.</summary>
    public int Correct { get; }

    /// <summary>The rows of one class that were taken for another, or for itself.</summary>
    /// <param name="target">The true class.</param>
    /// <param name="prediction">The class it was taken for.</param>
    public int this[int target, int prediction] => _counts[target, prediction];

    /// <summary>The rows that truly are of a class.</summary>
    /// <param name="label">The class.</param>
    /// <returns>The number of rows.</returns>
    public int TargetCount(int label) => _targets[label];

    /// <summary>The rows that were taken for a class.</summary>
    /// <param name="label">The class.</param>
    /// <returns>The number of rows.</returns>
    public int PredictionCount(int label) => _predictions[label];

    /// <summary>Counts rows.</summary>
    /// <param name="targets">The true class of each row.</param>
    /// <param name="predictions">The predicted class of each row.</param>
    /// <param name="classes">The number of classes, at least 1.</param>
    /// <returns>The counts.</returns>
    /// <exception cref="ArgumentException">There are no rows, or not as many predictions as targets.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A class is below 0, or not below <paramref name="classes"/>.
    /// </exception>
    public static ConfusionMatrix Of(ReadOnlySpan<int> targets, ReadOnlySpan<int> predictions, int classes)
    {
        Check.AtLeast(classes, 1);
        Rows.CheckLengths(targets.Length, predictions.Length);
        var counts = new int[classes, classes];
        for (var row = 0; row < targets.Length; row++)
        {
            var target = Check.InRange(targets[row], 0, classes - 1, nameof(targets));
            counts[target, Check.InRange(predictions[row], 0, classes - 1, nameof(predictions))]++;
        }

        return new(counts);
    }

    /// <summary>The counts as plain numbers.</summary>
    /// <returns>One list per true class: how many of its rows were taken for each class.</returns>
    public int[][] ToRows() =>
        [.. Enumerable.Range(0, Classes).Select(target =>
            Enumerable.Range(0, Classes).Select(prediction => _counts[target, prediction]).ToArray())];
}
