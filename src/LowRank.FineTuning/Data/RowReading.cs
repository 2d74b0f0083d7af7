namespace LowRank.FineTuning.Data;

/// <summary>Takes text and label out of a row.</summary>
/// <param name="rows">Where the rows come from.</param>
/// <param name="source">What to call that in messages.</param>
/// <param name="columns">The columns to read.</param>
internal sealed class RowReading(RowSource rows, string source, ColumnChoice columns)
{
    private readonly int _text = IndexOf(rows.Columns, columns.Text);
    private readonly int _pair = IndexOf(rows.Columns, columns.Pair);
    private readonly int _label = IndexOf(rows.Columns, columns.Label);

    /// <summary>The texts of a row; absent ones are empty.</summary>
    public Example ExampleOf(Row row) => new(
        Cell(row, _text, columns.Text) ?? "", columns.Pair is null ? null : Cell(row, _pair, columns.Pair) ?? "");

    /// <summary>The texts of a row, which must be there, though they may be empty.</summary>
    public Example WholeExampleOf(Row row) => new(
        Cell(row, _text, columns.Text) ?? throw Absent(row, columns.Text),
        columns.Pair is null ? null : Cell(row, _pair, columns.Pair) ?? throw Absent(row, columns.Pair));

    /// <summary>The label of a row, without the blanks around it; null when it has none.</summary>
    public string? LabelOf(Row row) =>
        columns.Label is not null && Cell(row, _label, columns.Label)?.Trim() is { Length: > 0 } label ? label : null;

    /// <summary>Whether a label stands for none.</summary>
    /// <remarks>GLUE's and Hugging Face's test rows have -1; SNLI has "-" where its annotators did not agree.</remarks>
    public bool StandsForNone(string label, ClassLabels? known, GlueTask? task) =>
        (label == "-1" && (task is not null || known is not null) && known?.IndexOf(label) is null)
        || (label == "-" && (columns.Label == "gold_label" || known?.Names.Contains("entailment") == true));

    private string? Cell(Row row, int index, string column) =>
        ReferenceEquals(row.Cell(index), Row.Nested)
            ? throw new InvalidDataException(
                $"{source}, {rows.Unit} {row.Line}: column '{column}' holds a list, an object or binary data; wanted "
                + "text or a number.")
            : row.Cell(index);

    private InvalidDataException Absent(Row row, string column) =>
        new($"{source}, {rows.Unit} {row.Line}: no '{column}'; wanted the same columns in each row.");

    private static int IndexOf(IReadOnlyList<string> names, string? name)
    {
        for (var index = 0; index < names.Count; index++)
        {
            if (names[index] == name)
            {
                return index;
            }
        }

        return int.MaxValue;
    }
}
