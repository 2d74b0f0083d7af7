using LowRank.Tensors;

namespace LowRank.FineTuning.Metrics;

/// <summary>A score by name: what a run reports, and what decides which checkpoint is the best.</summary>
public sealed record Metric
{
    private Metric(string name, bool greaterIsBetter = true)
    {
        Name = name;
        GreaterIsBetter = greaterIsBetter;
    }

    /// <summary>The loss itself, whatever the labels are; less is better.</summary>
    public static Metric Loss { get; } = new("loss", greaterIsBetter: false);

    /// <summary>The share of rows whose class was found.</summary>
    public static Metric Accuracy { get; } = new("accuracy");

    /// <summary>The F1 of the second of two classes.</summary>
    public static Metric F1 { get; } = new("f1");

    /// <summary>The mean of the classes' F1.</summary>
    public static Metric MacroF1 { get; } = new("macro_f1");

    /// <summary>The mean of the classes' F1, weighted by their rows.</summary>
    public static Metric WeightedF1 { get; } = new("weighted_f1");

    /// <summary>Matthews' correlation.</summary>
    public static Metric Matthews { get; } = new("matthews");

    /// <summary>Pearson's correlation.</summary>
    public static Metric Pearson { get; } = new("pearson");

    /// <summary>Spearman's rank correlation.</summary>
    public static Metric Spearman { get; } = new("spearman");

    /// <summary>The mean squared error; less is better.</summary>
    public static Metric MeanSquaredError { get; } = new("mse", greaterIsBetter: false);

    /// <summary>Corpus BLEU of generated text, as Hugging Face's <c>evaluate</c> computes it.</summary>
    public static Metric Bleu { get; } = new("bleu");

    /// <summary>Corpus BLEU of generated text, as sacreBLEU computes it.</summary>
    public static Metric SacreBleu { get; } = new("sacrebleu");

    /// <summary>ROUGE-1 of generated text.</summary>
    public static Metric Rouge1 { get; } = new("rouge1");

    /// <summary>ROUGE-2 of generated text.</summary>
    public static Metric Rouge2 { get; } = new("rouge2");

    /// <summary>ROUGE-L of generated text.</summary>
    public static Metric RougeL { get; } = new("rougeL");

    /// <summary>ROUGE-Lsum of generated text.</summary>
    public static Metric RougeLsum { get; } = new("rougeLsum");

    /// <summary>METEOR of generated text.</summary>
    public static Metric Meteor { get; } = new("meteor");

    /// <summary>chrF2 of generated text.</summary>
    public static Metric ChrF { get; } = new("chrf");

    /// <summary>Different words per word of generated text.</summary>
    public static Metric Distinct1 { get; } = new("distinct1");

    /// <summary>Different pairs of words per pair of generated text.</summary>
    public static Metric Distinct2 { get; } = new("distinct2");

    /// <summary>The share of generated texts that are a reference.</summary>
    public static Metric ExactMatch { get; } = new("exact_match");

    /// <summary>All metrics.</summary>
    public static IReadOnlyList<Metric> All { get; } =
    [
        Loss, Accuracy, F1, MacroF1, WeightedF1, Matthews, Pearson, Spearman, MeanSquaredError, Bleu, SacreBleu, Rouge1,
        Rouge2, RougeL, RougeLsum, Meteor, ChrF, Distinct1, Distinct2, ExactMatch,
    ];

    /// <summary>The name under which it is reported and asked for.</summary>
    public string Name { get; }

    /// <summary>Whether a greater value is the better one.</summary>
    public bool GreaterIsBetter { get; }

    /// <summary>The metric of a name.</summary>
    /// <param name="name">The name, in any case.</param>
    /// <returns>The metric.</returns>
    /// <exception cref="ArgumentException">There is no such metric; the text lists those there are.</exception>
    public static Metric Find(string name) =>
        All.FirstOrDefault(metric => metric.Name.Equals(Check.NotBlank(name), StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException(
            $"metric: got '{name}'; wanted one of {string.Join(", ", All.Select(metric => metric.Name))}.",
            nameof(name));

    /// <summary>This metric's value among scores.</summary>
    /// <param name="scores">Scores of classes or of numbers.</param>
    /// <returns>The value; not-a-number where it has no meaning.</returns>
    /// <exception cref="ArgumentException">The scores do not have it: F1 of three classes, accuracy of numbers.
    /// </exception>
    public double In(EvaluationScores scores) =>
        Check.NotNull(scores).Values.TryGetValue(Name, out var value)
            ? value
            : throw new ArgumentException(
                $"{Name}: these scores have {string.Join(", ", scores.Values.Keys)}; wanted one of those.",
                nameof(scores));

    /// <summary>Whether a value is better than the best so far.</summary>
    /// <param name="value">The new value; not-a-number is never better.</param>
    /// <param name="best">The best so far; null or not-a-number when there is none.</param>
    /// <returns>True when the new value is strictly better.</returns>
    public bool IsBetter(double value, double? best) =>
        !double.IsNaN(value)
        && (best is not { } known || double.IsNaN(known) || (GreaterIsBetter ? value > known : value < known));

    /// <summary>The name.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => Name;
}
