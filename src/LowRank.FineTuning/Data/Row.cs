namespace LowRank.FineTuning.Data;

/// <summary>One row of a file.</summary>
/// <param name="Line">Where it begins: the line of a text file, else the row, from 1.</param>
/// <param name="Cells">Its cells in the order of the columns; null where it has none.</param>
internal readonly record struct Row(long Line, IReadOnlyList<string?> Cells)
{
    /// <summary>Stands for a cell that holds a list or an object; known by reference.</summary>
    public static readonly string Nested = new('?', 1);

    /// <summary>The cell of a column; null where the row has none.</summary>
    public string? Cell(int column) => column < Cells.Count ? Cells[column] : null;
}
