using LowRank.FineTuning.Data;
using LowRank.Tensors;
using LowRank.Transformers.Encoders;

namespace LowRank.FineTuning.Runs;

/// <summary>
/// Which files a run learns from and which of their rows, so that its configuration alone repeats it.
/// </summary>
public sealed record FineTuneData
{
    /// <summary>The file to learn from: CSV, TSV, JSON lines, JSON or Parquet.</summary>
    public required string TrainingFile { get; init; }

    /// <summary>The file whose rows decide which weights are best.</summary>
    /// <value>Null: a share of the training file's rows, set aside.</value>
    public string? ValidationFile { get; init; }

    /// <summary>
    /// The share of rows set aside when there is no validation file, spread over the labels as the whole.
    /// </summary>
    /// <value>0.2; above 0 and below 1.</value>
    public double ValidationShare { get; init; } = 0.2;

    /// <summary>The name of a GLUE task or of E2E, which knows its columns, classes and metric.</summary>
    /// <value>Null: no task.</value>
    public string? Task { get; init; }

    /// <summary>The column of the text; of the source, where labels are texts.</summary>
    /// <value>Null: guessed from the usual names.</value>
    public string? TextColumn { get; init; }

    /// <summary>The column of the second text.</summary>
    /// <value>Null: guessed together with the text; none when <see cref="TextColumn"/> is given.</value>
    public string? TextPairColumn { get; init; }

    /// <summary>The column of the label; of the target text, where labels are texts.</summary>
    /// <value>Null: guessed from the usual names.</value>
    public string? LabelColumn { get; init; }

    /// <summary>Whether labels are classes, numbers or texts.</summary>
    /// <value>Null: decided by how they are written; texts must be asked for, or by <see cref="For"/>.</value>
    public LabelKind? Kind { get; init; }

    /// <summary>Whether the first line of a CSV or TSV file names the columns.</summary>
    /// <value>True.</value>
    public bool HasHeader { get; init; } = true;

    /// <summary>Whether quotes in a TSV file are read as in a CSV file.</summary>
    /// <value>False, as GLUE's files want it.</value>
    public bool QuotedTsv { get; init; }

    /// <summary>At most so many training rows of each class, drawn by the seed.</summary>
    /// <value>Null: all.</value>
    public int? FewShot { get; init; }

    /// <summary>At most so many training rows, drawn by the seed.</summary>
    /// <value>Null: all.</value>
    public int? Samples { get; init; }

    /// <summary>How the files are read.</summary>
    /// <param name="labels">The classes that labels must be of; null for those of the task or the file.</param>
    /// <returns>Options for <see cref="ExampleReader"/>.</returns>
    /// <exception cref="ArgumentException">There is no such task.</exception>
    public ExampleReaderOptions ReaderOptions(ClassLabels? labels = null) => new()
    {
        Task = Task is null ? null : GlueTask.Find(Task),
        TextColumn = TextColumn,
        TextPairColumn = TextPairColumn,
        LabelColumn = LabelColumn,
        Kind = Kind,
        HasHeader = HasHeader,
        QuotedTsv = QuotedTsv,
        Labels = labels,
    };

    /// <summary>The files as a model takes them: labels are texts where the model writes texts.</summary>
    /// <param name="modelFolder">The model's folder.</param>
    /// <returns>The data; unchanged where a task or <see cref="Kind"/> says already what labels are.</returns>
    /// <exception cref="FileNotFoundException">The folder has no configuration.</exception>
    public FineTuneData For(string modelFolder) =>
        Kind is null && Task is null && Pretrained.IsSequenceToSequence(modelFolder)
            ? this with { Kind = LabelKind.Texts }
            : this;

    /// <summary>Reads the rows and chooses among them.</summary>
    /// <remarks>
    /// Rows are set aside for validation first; few-shot and samples then thin out those to learn from.
    /// </remarks>
    /// <param name="seed">The run's seed: the same seed gives the same rows.</param>
    /// <param name="labels">The classes that labels must be of; null for those of the task or the file.</param>
    /// <returns>What is learned from, and what decides which weights are best.</returns>
    /// <exception cref="ArgumentException">A number is out of range, or there is no such task.</exception>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is malformed, lacks a column, or has labels that the training file has not; or the samples lack a label.
    /// </exception>
    public (ExampleSet Training, ExampleSet Validation) Read(long seed, ClassLabels? labels = null)
    {
        var from = Seed.From(seed);
        var training = ExampleReader.Read(TrainingFile, ReaderOptions(labels));
        ExampleSet validation;
        if (ValidationFile is { } file)
        {
            validation = ExampleReader.Read(file, ReaderOptions(training.Labels) with { Kind = training.Kind });
        }
        else
        {
            (training, validation) = training.Split(ValidationShare, from);
        }

        training = FewShot is { } perClass ? training.FewShot(perClass, from) : training;
        training = Samples is { } count ? Draw(training, count, from) : training;
        return (training, validation.Noting(RepeatedTexts.Between(training.Examples, validation.Examples)));
    }

    private static ExampleSet Draw(ExampleSet rows, int count, Seed seed)
    {
        var drawn = rows.Sample(count, seed);
        foreach (var (all, left) in rows.Report.LabelCounts.Zip(drawn.Report.LabelCounts))
        {
            if (all.Count > 0 && left.Count == 0)
            {
                throw new InvalidDataException(
                    $"samples: the {drawn.Count} rows drawn of {rows.Report.Source} have none of the label '{all.Label}'; wanted some of each of "
                        + $"{rows.Report.LabelCounts.Count} labels. Take rows of each (few-shot), more samples, or another seed.");
            }
        }

        return drawn;
    }
}
