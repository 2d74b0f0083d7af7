namespace LowRank.FineTuning.Data;

/// <summary>A file as rows of text cells, whatever its format.</summary>
internal abstract class RowSource : IDisposable
{
    /// <summary>What <see cref="Row.Line"/> counts: a line or a row.</summary>
    public abstract string Unit { get; }

    /// <summary>The names of the columns: of a JSON file those seen so far.</summary>
    public abstract IReadOnlyList<string> Columns { get; }

    /// <summary>Remarks for the report.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>The rows that cannot be read but are known faults of the data set, to be dropped.</summary>
    public List<long> ShortRows { get; } = [];

    /// <summary>The class names that the file itself gives for a column; null when it gives none.</summary>
    public abstract ClassLabels? LabelsOf(string column);

    /// <summary>The rows, once.</summary>
    public abstract IEnumerable<Row> ReadRows();

    public abstract void Dispose();
}
