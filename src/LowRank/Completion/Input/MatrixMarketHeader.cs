namespace LowRank.Completion.Input;

/// <summary>What stands before the entries of a MatrixMarket file.</summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Columns">Number of columns.</param>
/// <param name="Entries">Number of entries in the file.</param>
/// <param name="Symmetric">Whether only one half is stored.</param>
/// <param name="SizeLine">The line of these numbers.</param>
internal sealed record MatrixMarketHeader(int Rows, int Columns, int Entries, bool Symmetric, long SizeLine)
{
    /// <summary>Number of comment lines.</summary>
    public int CommentLines { get; init; }
}
