namespace LowRank.Completion.Input;

/// <summary>What a line must satisfy, and how its fields become indices.</summary>
/// <param name="Minimum">The lowest value allowed, finite.</param>
/// <param name="Maximum">The highest value allowed, finite.</param>
/// <param name="BadLines">What to do with a line that cannot be read.</param>
/// <param name="RowLimit">0 for ids numbered by first appearance; otherwise ids are row numbers from 1 to this.</param>
/// <param name="ColumnLimit">The same for columns; 0 exactly when <paramref name="RowLimit"/> is.</param>
internal sealed record TextRules(
    double Minimum, double Maximum, BadLinePolicy BadLines, int RowLimit = 0, int ColumnLimit = 0)
{
    /// <summary>The rules that the caller's options make.</summary>
    public static TextRules From(RatingsOptions options) => new(
        options.Minimum ?? double.MinValue, options.Maximum ?? double.MaxValue, options.BadLines);
}
