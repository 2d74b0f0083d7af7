namespace LowRank.Experiments.Reports;

/// <summary>A table of a report, for a file or a screen.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Headings">The heading of each column.</param>
/// <param name="Rows">The cells of each row.</param>
/// <param name="LeftAligned">How many of the first columns hold words.</param>
public sealed record ReportTable(
    string Title, IReadOnlyList<string> Headings, IReadOnlyList<IReadOnlyList<string>> Rows, int LeftAligned = 1)
{
    /// <summary>The table in Markdown.</summary>
    /// <returns>Lines, the last one ended.</returns>
    public string ToMarkdown()
    {
        var rules = Headings.Select((_, column) => column < LeftAligned ? "---" : "---:");
        return string.Concat(Rows.Prepend([.. rules]).Prepend(Headings).Select(cells => $"| {string.Join(" | ", cells)} |\n"));
    }
}
