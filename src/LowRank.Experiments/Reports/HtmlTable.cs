using System.Xml.Linq;

namespace LowRank.Experiments.Reports;

/// <summary>A table for a page; where it is wider than the page, it scrolls by itself.</summary>
internal static class HtmlTable
{
    private const string VerdictHeading = "verdict";

    public static XElement Of(ReportTable table) => new(
        "div",
        new XAttribute("class", "scroll"),
        new XAttribute("role", "region"),
        new XAttribute("tabindex", "0"),
        new XAttribute("aria-label", HtmlText.Clean(table.Title)),
        new XElement(
            "table",
            new XElement("caption", HtmlText.Of(table.Title)),
            new XElement("thead", Row(table.Headings.Select((heading, column) =>
                Cell("th", "col", column >= table.LeftAligned, HtmlText.Of(heading))))),
            new XElement("tbody", table.Rows.Select(cells => Row(cells.Select((cell, column) => BodyCell(table, cell, column)))))));

    /// <summary>A verdict as a badge; its sign tells it where colours do not.</summary>
    public static XElement Badge(string verdict)
    {
        var (kind, sign) = verdict.StartsWith("within", StringComparison.OrdinalIgnoreCase) ? ("within", "✓")
            : verdict.StartsWith("outside", StringComparison.OrdinalIgnoreCase) ? ("outside", "✗")
            : ("open", "○");
        return new("strong", new XAttribute("class", $"badge {kind}"), HtmlText.Clean($"{sign}\u00A0{verdict}"));
    }

    private static XElement BodyCell(ReportTable table, string cell, int column)
    {
        var isVerdict = cell.Length > 0 && table.Headings[column].Equals(VerdictHeading, StringComparison.OrdinalIgnoreCase);
        object content = isVerdict ? Badge(cell) : HtmlText.Of(cell);
        return column == 0 && table.LeftAligned > 0
            ? Cell("th", "row", isNumber: false, content)
            : Cell("td", scope: null, isNumber: column >= table.LeftAligned, content);
    }

    private static XElement Row(IEnumerable<XElement> cells) => new("tr", cells);

    private static XElement Cell(string name, string? scope, bool isNumber, object content) => new(
        name,
        scope is null ? null : new XAttribute("scope", scope),
        isNumber ? new XAttribute("class", "number") : null,
        content);
}
