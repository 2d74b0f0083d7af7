using LowRank.Tensors;
using LowRank.Transformers.Tokenization;

namespace LowRank.FineTuning.Data;

/// <summary>Examples with their labels and the report of how they were read; every change gives a new set.</summary>
public sealed class ExampleSet
{
    /// <summary>A set of examples.</summary>
    /// <param name="examples">The examples; at least one.</param>
    /// <param name="kind">What their labels are.</param>
    /// <param name="labels">The classes; null unless labels are classes.</param>
    /// <param name="report">How they were read; its counts are filled in here.</param>
    /// <exception cref="ArgumentException">There are no examples, or labels do not fit the kind.</exception>
    public ExampleSet(IReadOnlyList<Example> examples, LabelKind kind, ClassLabels? labels, DataReport report)
    {
        Examples = Check.NotNull(examples);
        Check.That(examples.Count > 0, nameof(examples), "examples: got none; wanted at least one.");
        Check.That(
            (kind == LabelKind.Classes) == (labels is not null),
            nameof(labels),
            $"labels: got {(labels is null ? "none" : "classes")} for {kind}; wanted classes exactly for Classes.");
        foreach (var example in examples)
        {
            CheckTarget(example, kind, labels);
        }

        Kind = kind;
        Labels = labels;
        Report = Check.NotNull(report) with
        {
            Kept = examples.Count,
            Kind = kind,
            LabelCounts = labels is null ? []
                : [.. labels.Names.Zip(CountClasses(), (name, rows) => new LabelCount(name, rows))],
            LabelSummary = kind == LabelKind.Numbers ? Summary.Of(examples.Select(e => e.Target ?? 0)) : null,
            Characters = Summary.Of(examples.Select(e => (double)e.Text.Length + (e.TextPair?.Length ?? 0))),
            Sources = kind == LabelKind.Texts ? examples.DistinctBy(e => e.Text).Count() : null,
            TargetCharacters = kind == LabelKind.Texts ? Summary.Of(examples.Select(e => (double)e.TargetText!.Length)) : null,
        };
    }

    /// <summary>The examples, in the order of the file.</summary>
    public IReadOnlyList<Example> Examples { get; }

    /// <summary>The number of examples.</summary>
    public int Count => Examples.Count;

    /// <summary>What the labels are.</summary>
    public LabelKind Kind { get; }

    /// <summary>The classes; null unless labels are classes.</summary>
    public ClassLabels? Labels { get; }

    /// <summary>How the examples were read and what became of them.</summary>
    public DataReport Report { get; }

    /// <summary>A set from examples at hand.</summary>
    /// <param name="examples">The examples; all with a target or none.</param>
    /// <param name="labels">The classes; null makes targets numbers, or texts where examples have target texts.</param>
    /// <returns>The set.</returns>
    /// <exception cref="ArgumentException">There are no examples, or their targets do not fit.</exception>
    public static ExampleSet Of(IReadOnlyList<Example> examples, ClassLabels? labels = null)
    {
        Check.NotNull(examples);
        var kind = labels is not null ? LabelKind.Classes
            : examples.Any(example => example.TargetText is not null) ? LabelKind.Texts
            : examples.Any(example => example.Target is not null) ? LabelKind.Numbers
            : LabelKind.None;
        return new(examples, kind, labels, new()
        {
            Source = "memory",
            Format = DataFormat.Json,
            Rows = examples.Count,
            TextColumn = nameof(Example.Text),
        });
    }

    /// <summary>Refuses a set that nothing can be learned from.</summary>
    /// <exception cref="InvalidDataException">There are no labels, fewer than two classes, a class without rows, or
    /// numbers that are all the same.</exception>
    public void CheckTrainable()
    {
        var fault = Kind switch
        {
            LabelKind.None => "the rows have no labels",
            LabelKind.Numbers => Report.LabelSummary is { } summary && summary.Least == summary.Greatest
                ? $"every label is {summary.Least}"
                : null,
            _ => Labels is { Count: < 2 } ? $"every row has the label '{Labels.Names[0]}'"
                : Report.LabelCounts.FirstOrDefault(label => label.Count == 0) is { } absent
                    ? $"no row has the label '{absent.Label}' of the {Report.LabelCounts.Count} classes"
                    : null,
        };
        if (fault is not null)
        {
            throw new InvalidDataException(
                $"{Report.Source}: {fault}; wanted rows of each of at least two labels to learn from.");
        }
    }

    /// <summary>At most so many rows of each class, drawn without replacement.</summary>
    /// <param name="perClass">Rows of each class, at least 1; a class with fewer keeps them all and is noted.</param>
    /// <param name="seed">Decides the draw; a class's rows do not depend on the other classes.</param>
    /// <returns>The rows drawn, in the order of the file.</returns>
    /// <exception cref="ArgumentException">The labels are not classes.</exception>
    public ExampleSet FewShot(int perClass, Seed seed)
    {
        Check.AtLeast(perClass, 1);
        Check.That(
            Kind == LabelKind.Classes,
            nameof(perClass),
            $"few-shot: the labels are {Kind}; wanted classes. Take a number of samples instead.");
        var scarce = Report.LabelCounts
            .Where(label => label.Count < perClass)
            .Select(label => label.Label)
            .ToList();
        var note = $"few-shot: {perClass} rows of each class, seed {seed.Value}"
            + (scarce.Count > 0 ? $"; fewer exist of {string.Join(", ", scarce)}" : "");
        return With(Subsets.FewShot(ClassIndices(), perClass, seed.For("few-shot")), note);
    }

    /// <summary>So many rows, drawn evenly.</summary>
    /// <param name="count">The rows to draw, at least 1; all are taken when there are not more, unless drawn with
    /// replacement.</param>
    /// <param name="seed">Decides the draw.</param>
    /// <param name="withReplacement">Draws each row from all of them, as Deep LoRA's reference code does: rows come
    /// twice, and fewer different ones come.</param>
    /// <returns>The rows drawn: in the order of the file, or of the draw when with replacement.</returns>
    public ExampleSet Sample(int count, Seed seed, bool withReplacement = false)
    {
        Check.AtLeast(count, 1);
        var indices = withReplacement
            ? Subsets.DrawWithReplacement(Count, count, seed.For("sample"))
            : Subsets.Draw(Count, count, seed.For("sample"));
        return With(
            indices,
            withReplacement
                ? $"{count} rows drawn with replacement, {indices.Distinct().Count()} different, seed {seed.Value}"
                : $"{indices.Count} of {Count} rows drawn, seed {seed.Value}");
    }

    /// <summary>Splits off a validation set whose labels are spread as the whole's.</summary>
    /// <remarks>
    /// Classes keep their shares to a row; of two rows or more, a class keeps one for training. Numbers are sorted and
    /// one row of each stretch is drawn. Rows with one source and several target texts stay together.
    /// </remarks>
    /// <param name="validationShare">The share of rows for validation, above 0 and below 1.</param>
    /// <param name="seed">Decides the draw.</param>
    /// <returns>Both parts, in the order of the file; together all rows, none in both.</returns>
    /// <exception cref="ArgumentException">There are too few rows, or different sources, for two parts.</exception>
    public (ExampleSet Training, ExampleSet Validation) Split(double validationShare, Seed seed)
    {
        Check.That(
            validationShare is > 0 and < 1,
            nameof(validationShare),
            $"{nameof(validationShare)}: got {validationShare}; wanted above 0 and below 1.");
        Check.That(Count > 1, nameof(validationShare), "split: got 1 row; wanted at least two.");
        Check.That(
            Report.Sources != 1,
            nameof(validationShare),
            "split: all rows have the same source; wanted at least two different ones, or a validation file.");
        var validation = Subsets.Stratified(this, validationShare, seed.For("split"));
        var chosen = validation.ToHashSet();
        var training = Enumerable.Range(0, Count).Where(index => !chosen.Contains(index)).ToList();
        return (
            With(training, $"the part for training of a split, seed {seed.Value}"),
            With(validation, $"the part for validation of a split, seed {seed.Value}"));
    }

    /// <summary>Leaves out the rows that are longer than a model reads, target texts included, as Deep LoRA's reference code does.</summary>
    /// <param name="encoder">The model's encoder.</param>
    /// <param name="limit">The most tokens, special tokens included; at least 1.</param>
    /// <returns>The rows that fit, and how many did not.</returns>
    /// <exception cref="InvalidDataException">No row fits.</exception>
    public ExampleSet KeepWithin(TextEncoder encoder, int limit)
    {
        Check.NotNull(encoder);
        Check.AtLeast(limit, 1);
        bool Fits(string text, string? pair) => encoder.Encode(text, pair).Ids.Length <= limit;
        var kept = Enumerable.Range(0, Count)
            .Where(i => Fits(Examples[i].Text, Examples[i].TextPair) && Fits(Examples[i].TargetText ?? "", null))
            .ToList();
        if (kept.Count == Count)
        {
            return this;
        }

        var rows = Enumerable.Range(0, Count).Except(kept).Take(5).Select(index => (long)index + 1).ToList();
        var dropped = new DroppedRows($"longer than {limit} tokens, among those read", Count - kept.Count, rows);
        return kept.Count == 0
            ? throw new InvalidDataException(
                $"{Report.Source}: all {Count} rows are longer than {limit} tokens; wanted a greater limit.")
            : With(kept, null, dropped);
    }

    /// <summary>This set with its lengths in tokens in the report.</summary>
    /// <param name="encoder">The model's encoder.</param>
    /// <param name="limit">The most tokens that are kept of an example, at least 1.</param>
    /// <param name="targetLimit">The most tokens that are kept of a target text, at least 1.</param>
    /// <returns>The same examples.</returns>
    public ExampleSet Measure(TextEncoder encoder, int limit, int targetLimit = int.MaxValue) =>
        new(Examples, Kind, Labels, Report with
        {
            Tokens = TokenLengths.Of(Examples, encoder, limit),
            TargetTokens = Kind == LabelKind.Texts
                ? TokenLengths.Of(Examples.Select(example => new Example(example.TargetText!)), encoder, targetLimit)
                : null,
        });

    // A further remark in the report.
    internal ExampleSet Noting(string? note) =>
        note is null ? this : new(Examples, Kind, Labels, Report with { Notes = [.. Report.Notes, note] });

    /// <summary>Weights that let each class count the same in a mean loss.</summary>
    /// <remarks>Rows divided by classes and by the class's rows, as scikit-learn's <c>balanced</c>: their mean over the
    /// rows is 1.</remarks>
    /// <returns>A weight per class.</returns>
    /// <exception cref="InvalidDataException">The labels are not classes, or a class has no rows.</exception>
    public double[] ClassWeights()
    {
        CheckTrainable();
        return Kind == LabelKind.Classes
            ? [.. Report.LabelCounts.Select(label => (double)Count / Report.LabelCounts.Count / label.Count)]
            : throw new InvalidDataException($"{Report.Source}: the labels are {Kind}; wanted classes to weigh.");
    }

    /// <summary>Weights of classes by their labels, in the order of the classes; those not named weigh 1.</summary>
    /// <param name="named">Labels with weights above 0.</param>
    /// <returns>A weight per class.</returns>
    /// <exception cref="ArgumentException">A label is none of the classes, or a weight is not above 0.</exception>
    public double[] ClassWeights(IReadOnlyDictionary<string, double> named)
    {
        var weights = Enumerable.Repeat(1.0, Labels?.Count ?? 0).ToArray();
        foreach (var (label, weight) in Check.NotNull(named))
        {
            Check.Positive(weight, $"the weight of '{label}'");
            var index = Labels?.IndexOf(label) ?? throw new ArgumentException(
                $"class weights: got '{label}'; wanted "
                    + (Labels is null ? $"none, since the labels are {Kind}." : $"one of the labels {ColumnList.Of(Labels.Names)}."),
                nameof(named));
            weights[index] = weight;
        }

        return weights;
    }

    /// <summary>The class of each example.</summary>
    /// <returns>Indices into the labels.</returns>
    /// <exception cref="InvalidOperationException">The labels are not classes.</exception>
    public int[] ClassIndices() =>
        Kind == LabelKind.Classes
            ? [.. Examples.Select(example => example.ClassIndex)]
            : throw new InvalidOperationException($"The labels are {Kind}; wanted classes.");

    private ExampleSet With(IReadOnlyList<int> indices, string? note, DroppedRows? dropped = null) => new(
        [.. indices.Select(index => Examples[index])],
        Kind,
        Labels,
        Report with
        {
            Tokens = null,
            TargetTokens = null,
            Notes = note is null ? Report.Notes : [.. Report.Notes, note],
            Dropped = dropped is null ? Report.Dropped : [.. Report.Dropped, dropped],
        });

    private int[] CountClasses()
    {
        var counts = new int[Labels?.Count ?? 0];
        foreach (var example in Examples)
        {
            counts[example.ClassIndex]++;
        }

        return counts;
    }

    private static void CheckTarget(Example example, LabelKind kind, ClassLabels? labels)
    {
        var fits = kind switch
        {
            LabelKind.None => example.Target is null,
            LabelKind.Texts => !string.IsNullOrWhiteSpace(example.Text) && !string.IsNullOrWhiteSpace(example.TargetText),
            LabelKind.Numbers => example.Target is { } number && double.IsFinite(number),
            _ => example.Target is { } index && double.IsInteger(index) && index >= 0 && index < labels?.Count,
        };
        Check.That(
            fits,
            nameof(example),
            kind == LabelKind.Texts
                ? "examples: got an empty source or target text; wanted both in each."
                : $"examples: got the target {example.Target} among {kind}; wanted a fitting one.");
    }
}
