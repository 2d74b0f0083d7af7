using System.Xml.Linq;
using LowRank.Tensors;

namespace LowRank.Experiments.Reports;

/// <summary>A report as one HTML file that needs nothing else: no script, no font, no picture from anywhere.</summary>
/// <remarks>
/// Reads well on a phone, in print, in light and dark. Parts appear in the order they are added. All text is escaped;
/// what stands between two backticks is shown as code.
/// </remarks>
public sealed class HtmlReport
{
    private const int ContentsFrom = 3;

    private readonly string _title;
    private readonly string _lead;
    private readonly XElement _main = new("main");
    private readonly List<string> _headings = [];
    private XElement _place;
    private int _figures;

    /// <summary>Begins a report.</summary>
    /// <param name="title">The title of page and window.</param>
    /// <param name="lead">What the report says, in a sentence or two.</param>
    public HtmlReport(string title, string lead)
    {
        _title = Check.NotBlank(title);
        _lead = Check.NotNull(lead);
        _place = _main;
    }

    /// <summary>Begins a section; what is added next stands in it.</summary>
    /// <param name="heading">Its heading; from three sections on there is a list of contents.</param>
    /// <returns>This report.</returns>
    public HtmlReport Section(string heading)
    {
        _headings.Add(Check.NotBlank(heading));
        var id = IdOf(_headings.Count);
        _place = new("section", new XAttribute("aria-labelledby", id));
        _main.Add(_place);
        return Add(new("h2", new XAttribute("id", id), HtmlText.Of(heading)));
    }

    /// <summary>Adds a heading inside a section.</summary>
    /// <param name="heading">The heading.</param>
    /// <returns>This report.</returns>
    public HtmlReport Heading(string heading) => Add(new("h3", HtmlText.Of(heading)));

    /// <summary>Adds a paragraph.</summary>
    /// <param name="text">The text.</param>
    /// <returns>This report.</returns>
    public HtmlReport Paragraph(string text) => Add(new("p", HtmlText.Of(text)));

    /// <summary>Adds a list.</summary>
    /// <param name="items">Its items; none adds nothing.</param>
    /// <returns>This report.</returns>
    public HtmlReport List(params IEnumerable<string> items)
    {
        var list = new XElement("ul", Check.NotNull(items).Select(item => new XElement("li", HtmlText.Of(item))));
        return list.HasElements ? Add(list) : this;
    }

    /// <summary>Adds a verdict on a number: a badge in words, sign and colour, and a sentence.</summary>
    /// <param name="isWithin">Whether it lies within its band; null when that is open.</param>
    /// <param name="text">What lies where.</param>
    /// <returns>This report.</returns>
    public HtmlReport Verdict(bool? isWithin, string text) => Add(new(
        "p",
        new XAttribute("class", "verdict"),
        HtmlTable.Badge(isWithin switch { true => "within the band", false => "outside the band", null => "open" }),
        " ",
        HtmlText.Of(text)));

    /// <summary>Adds a table.</summary>
    /// <param name="table">
    /// The table. In a column headed "verdict", cells that begin with "within" or "outside" are shown as such badges.
    /// </param>
    /// <returns>This report.</returns>
    public HtmlReport Table(ReportTable table) => Add(HtmlTable.Of(Check.NotNull(table)));

    /// <summary>Adds a picture.</summary>
    /// <param name="svg">An SVG document with width and height, such as ScottPlot's; it must need nothing from outside.</param>
    /// <param name="caption">The words under it.</param>
    /// <param name="description">What one who cannot see it should know; the caption again when null.</param>
    /// <returns>This report.</returns>
    /// <exception cref="ArgumentException">The text is no SVG, or asks for something outside, or has a script.</exception>
    public HtmlReport Figure(string svg, string caption, string? description = null)
    {
        _figures++;
        var picture = InlineSvg.Of(svg, $"figure-{_figures}-", HtmlText.Clean(description ?? caption));
        return Add(new(
            "figure",
            new XElement("div", new XAttribute("class", "picture"), picture),
            new XElement("figcaption", HtmlText.Of(caption))));
    }

    /// <summary>Adds command lines to copy and go on with.</summary>
    /// <param name="lines">The lines.</param>
    /// <returns>This report.</returns>
    public HtmlReport Commands(params IEnumerable<string> lines) => Add(new(
        "pre",
        new XAttribute("tabindex", "0"),
        new XElement("code", HtmlText.Clean(string.Join('\n', Check.NotNull(lines))))));

    /// <summary>The whole file.</summary>
    /// <returns>HTML that is well-formed XML too.</returns>
    public string ToHtml()
    {
        var page = new XElement("html", new XAttribute("lang", "en"), "\n", Head(), "\n", Body(), "\n");
        return $"<!DOCTYPE html>\n{page.ToString(SaveOptions.DisableFormatting)}\n";
    }

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(string path) => AtomicFile.WriteText(path, ToHtml());

    private HtmlReport Add(XElement part)
    {
        _place.Add("\n", part);
        return this;
    }

    private XElement Head() => new(
        "head",
        new XElement("meta", new XAttribute("charset", "utf-8")),
        Meta("viewport", "width=device-width, initial-scale=1"),
        Meta("color-scheme", "light dark"),
        Meta("generator", "LowRank"),
        new XElement("title", HtmlText.Clean(_title)),
        new XElement("style", HtmlStyle.Sheet));

    private static XElement Meta(string name, string content) =>
        new("meta", new XAttribute("name", name), new XAttribute("content", content));

    private XElement Body() => new(
        "body",
        new XElement(
            "header",
            new XElement("h1", HtmlText.Of(_title)),
            new XElement("p", new XAttribute("class", "lead"), HtmlText.Of(_lead))),
        "\n",
        _headings.Count < ContentsFrom ? null : Contents(),
        "\n",
        _main);

    private XElement Contents() => new(
        "nav",
        new XAttribute("aria-label", "Contents"),
        new XElement("ol", _headings.Select((heading, at) => new XElement(
            "li",
            new XElement("a", new XAttribute("href", $"#{IdOf(at + 1)}"), HtmlText.Of(heading))))));

    private static string IdOf(int section) => $"section-{section}";
}
