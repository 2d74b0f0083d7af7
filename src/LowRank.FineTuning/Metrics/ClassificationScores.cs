using System.Globalization;
using System.Text;
using LowRank.Tensors;

namespace LowRank.FineTuning.Metrics;

/// <summary>The scores of predicted classes, defined as scikit-learn defines them.</summary>
/// <remarks>
/// A quotient without a denominator is 0. The averages over classes leave out a class that neither occurs nor was
/// predicted, as scikit-learn does when no list of labels is given.
/// </remarks>
public sealed record ClassificationScores : EvaluationScores
{
    /// <summary>The share of rows whose class was found, 0 to 1.</summary>
    public required double Accuracy { get; init; }

    /// <summary>The mean of the classes' F1, 0 to 1: rare classes count as much as common ones.</summary>
    public required double MacroF1 { get; init; }

    /// <summary>The mean of the classes' F1 weighted by their rows, 0 to 1.</summary>
    public required double WeightedF1 { get; init; }

    /// <summary>The F1 of the second of two classes (label 1), 0 to 1.</summary>
    /// <value>Null when there are not exactly two classes.</value>
    public required double? BinaryF1 { get; init; }

    /// <summary>Matthews' correlation, -1 to 1; for more than two classes Gorodkin's R_K. 0 when all rows have one
    /// class, or were all taken for one.</summary>
    public required double Matthews { get; init; }

    /// <summary>The scores of each class, in the order of the labels.</summary>
    public required IReadOnlyList<ClassScores> PerClass { get; init; }

    /// <summary>How often each class was taken for each other.</summary>
    public required ConfusionMatrix Confusion { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> Values
    {
        get
        {
            var values = new Dictionary<string, double>(StringComparer.Ordinal)
            {
                [Metric.Accuracy.Name] = Accuracy,
                [Metric.MacroF1.Name] = MacroF1,
                [Metric.WeightedF1.Name] = WeightedF1,
                [Metric.Matthews.Name] = Matthews,
            };
            if (BinaryF1 is { } f1)
            {
                values[Metric.F1.Name] = f1;
            }

            return values;
        }
    }

    /// <summary>Scores predictions.</summary>
    /// <param name="targets">The true class of each row.</param>
    /// <param name="predictions">The predicted class of each row.</param>
    /// <param name="labels">The names of the classes.</param>
    /// <returns>The scores.</returns>
    /// <exception cref="ArgumentException">There are no rows, or not as many predictions as targets.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A class has no label.</exception>
    public static ClassificationScores Of(
        ReadOnlySpan<int> targets, ReadOnlySpan<int> predictions, IReadOnlyList<string> labels)
    {
        Check.NotNull(labels);
        var counts = ConfusionMatrix.Of(targets, predictions, labels.Count);
        var classes = labels.Select((name, label) => ScoresOf(counts, label, name)).ToList();
        var present = classes.Where(scores => scores.Support + scores.Predicted > 0).ToList();
        return new()
        {
            Count = counts.Total,
            Accuracy = (double)counts.Correct / counts.Total,
            MacroF1 = present.Average(scores => scores.F1),
            WeightedF1 = classes.Sum(scores => scores.F1 * scores.Support) / counts.Total,
            BinaryF1 = labels.Count == 2 ? classes[1].F1 : null,
            Matthews = MatthewsOf(counts),
            PerClass = classes,
            Confusion = counts,
        };
    }

    /// <summary>The scores as a table for people: a line per class, then the averages.</summary>
    /// <returns>Lines of text.</returns>
    public string ToTable()
    {
        var width = Math.Max(12, PerClass.Max(scores => scores.Label.Length));
        var table = new StringBuilder();
        void Line(string name, string precision, string recall, string f1, string support) => table.Append(
            $"{name.PadLeft(width)} {precision,9} {recall,9} {f1,9} {support,9}\n");
        static string Share(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
        static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
        Line("", "precision", "recall", "f1", "rows");
        foreach (var scores in PerClass)
        {
            Line(scores.Label, Share(scores.Precision), Share(scores.Recall), Share(scores.F1), Number(scores.Support));
        }

        Line("accuracy", "", "", Share(Accuracy), Number(Count));
        Line("macro", "", "", Share(MacroF1), Number(Count));
        Line("weighted", "", "", Share(WeightedF1), Number(Count));
        Line("matthews", "", "", Share(Matthews), Number(Count));
        return table.ToString();
    }

    private static ClassScores ScoresOf(ConfusionMatrix counts, int label, string name)
    {
        var found = counts[label, label];
        var (support, predicted) = (counts.TargetCount(label), counts.PredictionCount(label));
        return new(
            name, Share(found, predicted), Share(found, support), Share(2.0 * found, support + predicted), support,
            predicted);
    }

    private static double Share(double part, int whole) => whole == 0 ? 0 : part / whole;

    // Gorodkin 2004, "Comparing two K-category assignments by a K-category correlation coefficient", in counts.
    private static double MatthewsOf(ConfusionMatrix counts)
    {
        double total = counts.Total;
        var (both, ofTargets, ofPredictions) = (counts.Correct * total, total * total, total * total);
        for (var label = 0; label < counts.Classes; label++)
        {
            double targets = counts.TargetCount(label), predictions = counts.PredictionCount(label);
            both -= targets * predictions;
            ofTargets -= targets * targets;
            ofPredictions -= predictions * predictions;
        }

        return ofTargets == 0 || ofPredictions == 0
            ? 0
            : Math.Clamp(both / Math.Sqrt(ofTargets) / Math.Sqrt(ofPredictions), -1, 1);
    }
}
