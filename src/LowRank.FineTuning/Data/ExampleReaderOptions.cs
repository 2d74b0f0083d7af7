namespace LowRank.FineTuning.Data;

/// <summary>Which columns to read, and how to take the labels. The defaults guess what is obvious.</summary>
public sealed record ExampleReaderOptions
{
    /// <summary>The column of the text; without a header its number, from 1.</summary>
    /// <value>Null: guessed from the usual names, and said so in the report.</value>
    public string? TextColumn { get; init; }

    /// <summary>The column of the second text.</summary>
    /// <value>Null: guessed together with the text; none when <see cref="TextColumn"/> is given.</value>
    public string? TextPairColumn { get; init; }

    /// <summary>The column of the label.</summary>
    /// <value>Null: guessed from the usual names.</value>
    public string? LabelColumn { get; init; }

    /// <summary>Whether each row must have a label; false reads texts to predict for and ignores labels.</summary>
    /// <value>True.</value>
    public bool WithLabels { get; init; } = true;

    /// <summary>Whether labels are classes, numbers or texts to be written.</summary>
    /// <value>Null decides: known classes or text are classes, whole numbers are classes, and where a number is written
    /// with a fraction or an exponent, all are numbers. Texts must be asked for; the column of the text is then the
    /// source's, that of the label the target's.</value>
    public LabelKind? Kind { get; init; }

    /// <summary>The classes that labels must be of, in order: those of the training data, when more is read.</summary>
    /// <value>Null: those in the file, sorted (whole numbers by value, text by character).</value>
    public ClassLabels? Labels { get; init; }

    /// <summary>A GLUE task, which knows its columns, classes and kind of label.</summary>
    /// <value>Null: no task.</value>
    public GlueTask? Task { get; init; }

    /// <summary>The format.</summary>
    /// <value>Null: that of the file's extension.</value>
    public DataFormat? Format { get; init; }

    /// <summary>Whether the first line of a CSV or TSV file names the columns; without, their names are 1, 2 and so on.
    /// </summary>
    /// <value>True.</value>
    public bool HasHeader { get; init; } = true;

    /// <summary>Reads quotes in a TSV file as in a CSV file, as spreadsheets and pandas write it.</summary>
    /// <value>False: GLUE's files have unpaired quotes in their texts.</value>
    public bool QuotedTsv { get; init; }
}
