using LowRank.FineTuning.Metrics;
using LowRank.Tensors;

namespace LowRank.FineTuning.Data;

/// <summary>A task known by name, of the GLUE benchmark or E2E: its columns, classes and metrics.</summary>
/// <remarks>
/// GLUE: Wang et al. 2018. Files are read in Hugging Face's layout (<c>nyu-mll/glue</c>: Parquet or JSON lines with numbers
/// for classes) and in the original TSV files, whose columns differ. Metrics are those that the benchmark reports, the
/// first of them the one that picks the best checkpoint.
/// </remarks>
public sealed record GlueTask
{
    /// <summary>The data set on the Hugging Face Hub that has all tasks.</summary>
    public const string Dataset = "nyu-mll/glue";

    private GlueTask(string name, string[] labels, Metric[] metrics, params string[][] layouts)
    {
        Name = name;
        Labels = labels.Length == 0 ? null : new ClassLabels(labels);
        Kind = Labels is null ? LabelKind.Numbers : LabelKind.Classes;
        Metrics = metrics;
        Layouts = layouts;
    }

    /// <summary>Is a sentence grammatical? Matthews' correlation.</summary>
    public static GlueTask Cola { get; } = new(
        "cola", ["unacceptable", "acceptable"], [Metric.Matthews, Metric.Accuracy], ["sentence", "", "label"])
    {
        // The original training file has no header: source, label, the author's mark, sentence.
        HeaderlessColumns = 4,
        HeaderlessLayout = ["4", "", "2"],
    };

    /// <summary>Is a film review's sentence positive? Accuracy.</summary>
    public static GlueTask Sst2 { get; } = new(
        "sst2", ["negative", "positive"], [Metric.Accuracy], ["sentence", "", "label"]);

    /// <summary>Do two sentences say the same? Accuracy (the choice of Deep LoRA's paper) and F1.</summary>
    public static GlueTask Mrpc { get; } = new(
        "mrpc", ["not_equivalent", "equivalent"], [Metric.Accuracy, Metric.F1],
        ["sentence1", "sentence2", "label"], ["#1 String", "#2 String", "Quality"]);

    /// <summary>How alike are two sentences, 0 to 5? Pearson's and Spearman's correlation.</summary>
    public static GlueTask Stsb { get; } = new(
        "stsb", [], [Metric.Pearson, Metric.Spearman, Metric.MeanSquaredError],
        ["sentence1", "sentence2", "label"], ["sentence1", "sentence2", "score"]);

    /// <summary>Do two questions ask the same? Accuracy and F1.</summary>
    public static GlueTask Qqp { get; } = new(
        "qqp", ["not_duplicate", "duplicate"], [Metric.Accuracy, Metric.F1],
        ["question1", "question2", "label"], ["question1", "question2", "is_duplicate"]);

    /// <summary>Does a sentence follow from another, contradict it, or neither? Accuracy.</summary>
    public static GlueTask Mnli { get; } = new(
        "mnli", ["entailment", "neutral", "contradiction"], [Metric.Accuracy],
        ["premise", "hypothesis", "label"], ["sentence1", "sentence2", "gold_label"]);

    /// <summary>Does a sentence answer a question? Accuracy.</summary>
    public static GlueTask Qnli { get; } = new(
        "qnli", ["entailment", "not_entailment"], [Metric.Accuracy],
        ["question", "sentence", "label"]);

    /// <summary>Does a sentence follow from another? Accuracy.</summary>
    public static GlueTask Rte { get; } = new(
        "rte", ["entailment", "not_entailment"], [Metric.Accuracy], ["sentence1", "sentence2", "label"]);

    /// <summary>Does a sentence with its pronoun resolved follow from the original? Accuracy.</summary>
    public static GlueTask Wnli { get; } = new(
        "wnli", ["not_entailment", "entailment"], [Metric.Accuracy], ["sentence1", "sentence2", "label"]);

    /// <summary>Restaurants in sentences (Novikova et al. 2017): texts to be written, several for each source.</summary>
    /// <remarks>Of the challenge's own files (mr, ref) and of those of the Hub; <see cref="Dataset"/> does not have them.</remarks>
    public static GlueTask E2e { get; } = new(
        "e2e", [],
        [
            Metric.Loss, Metric.Bleu, Metric.Rouge1, Metric.Rouge2, Metric.RougeL, Metric.RougeLsum, Metric.Meteor,
        ],
        ["mr", "", "ref"], ["meaning_representation", "", "target"], ["meaning_representation", "", "human_reference"])
    {
        Kind = LabelKind.Texts,
    };

    /// <summary>All tasks.</summary>
    public static IReadOnlyList<GlueTask> All { get; } = [Cola, Sst2, Mrpc, Stsb, Qqp, Mnli, Qnli, Rte, Wnli, E2e];

    /// <summary>The name, such as <c>sst2</c>.</summary>
    public string Name { get; }

    /// <summary>The classes, in the order of Hugging Face's numbers.</summary>
    /// <value>Null for STS-B, whose labels are numbers, and for E2E, whose labels are texts.</value>
    public ClassLabels? Labels { get; }

    /// <summary>Whether labels are classes, numbers or texts.</summary>
    public LabelKind Kind { get; private init; }

    /// <summary>The metrics; the first picks the best checkpoint.</summary>
    public IReadOnlyList<Metric> Metrics { get; }

    /// <summary>The path of the training rows in <see cref="Dataset"/>.</summary>
    public string TrainingFile => $"{Name}/train-00000-of-00001.parquet";

    /// <summary>The path of the rows to judge by in <see cref="Dataset"/>; MNLI's are those of matched genres.</summary>
    public string ValidationFile =>
        $"{Name}/validation{(Name == "mnli" ? "_matched" : "")}-00000-of-00001.parquet";

    // Text, pair (empty for none) and label, one list per known layout of the files.
    internal IReadOnlyList<string[]> Layouts { get; }

    // A file without a header is known by the number of its columns, which are then named 1, 2 and so on.
    internal int? HeaderlessColumns { get; private init; }

    internal string[] HeaderlessLayout { get; private init; } = [];

    /// <summary>The task of a name.</summary>
    /// <param name="name">The name in any case, with or without a hyphen: <c>sst2</c>, <c>SST-2</c>.</param>
    /// <returns>The task.</returns>
    /// <exception cref="ArgumentException">There is no such task; the text lists those there are.</exception>
    public static GlueTask Find(string name)
    {
        var plain = Check.NotBlank(name).Replace("-", "", StringComparison.Ordinal);
        return All.FirstOrDefault(task => task.Name.Equals(plain, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException(
                $"task: got '{name}'; wanted one of {string.Join(", ", All.Select(task => task.Name))}.",
                nameof(name));
    }

    /// <summary>The name.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => Name;
}
