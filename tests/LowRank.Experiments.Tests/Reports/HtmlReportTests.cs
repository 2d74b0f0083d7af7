using System.Text.RegularExpressions;
using System.Xml.Linq;
using CsCheck;
using LowRank.Experiments.Reports;
using LowRank.Testing;

namespace LowRank.Experiments.Tests.Reports;

/// <summary>Pages are read back as XML: what they show is what was put in, whatever it was.</summary>
public sealed partial class HtmlReportTests : IDisposable
{
    private const string Picture = """
        <?xml version="1.0" encoding="utf-8"?>
        <svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="300" height="200">
          <defs><clipPath id="c"><rect width="9" height="9"/></clipPath></defs>
          <g clip-path="url(#c)"><use xlink:href="#c"/><image href="data:image/png;base64,AA"/></g>
        </svg>
        """;

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void ToHtml_Parts_StandInOrder()
    {
        var page = Page(new HtmlReport("Title", "Lead.").Paragraph("before")
            .Section("One").Heading("Inside").Paragraph("text with `code` in it").List("first", "second")
            .Section("Two").Commands("lowrank demo", "lowrank doctor"));
        Assert.Equal("Title", page.Descendants("title").Single().Value);
        Assert.Equal(("Title", "Lead."), (page.Descendants("h1").Single().Value, page.Descendants("header").Single().Element("p")!.Value));
        Assert.Equal(["p", "section", "section"], page.Descendants("main").Single().Elements().Select(part => part.Name.LocalName));
        var sections = page.Descendants("section").ToList();
        Assert.Equal(["h2", "h3", "p", "ul"], sections[0].Elements().Select(part => part.Name.LocalName));
        Assert.Equal("code", sections[0].Element("p")!.Element("code")!.Value);
        Assert.Equal("lowrank demo\nlowrank doctor", sections[1].Element("pre")!.Value);
        Assert.Empty(page.Descendants("nav"));
    }

    [Fact]
    public void Section_ThreeOrMore_AreListedAndLinked()
    {
        var page = Page(new HtmlReport("Title", "").Section("One").Section("Two").Section("Three"));
        var links = page.Descendants("nav").Single().Descendants("a").ToList();
        Assert.Equal(["One", "Two", "Three"], links.Select(link => link.Value));
        Assert.Equal(
            page.Descendants("h2").Select(heading => $"#{heading.Attribute("id")!.Value}"),
            links.Select(link => link.Attribute("href")!.Value));
    }

    [Fact]
    public void Table_Cells_AreAllThereWithTheirKinds()
    {
        var page = Page(new HtmlReport("Title", "").Table(new(
            "The <caption>",
            ["what", "value", "verdict"],
            [["a & b", "1.5", "within"], ["", "", "outside"], ["c", "2", ""], ["d", "3", "missing"]],
            LeftAligned: 1)));
        var table = page.Descendants("table").Single();
        Assert.Equal("The <caption>", table.Element("caption")!.Value);
        Assert.Equal(["what", "value", "verdict"], table.Descendants("thead").Single().Descendants("th").Select(cell => cell.Value));
        var rows = table.Element("tbody")!.Elements().Select(row => row.Elements().Select(cell => cell.Value).ToArray()).ToArray();
        Assert.Equal([["a & b", "1.5", "✓\u00A0within"], ["", "", "✗\u00A0outside"], ["c", "2", ""], ["d", "3", "○\u00A0missing"]], rows);
        Assert.All(table.Element("tbody")!.Elements(), row => Assert.Equal("row", row.Element("th")!.Attribute("scope")!.Value));
        Assert.Equal(["badge within", "badge outside", "badge open"], table.Descendants("strong").Select(badge => badge.Attribute("class")!.Value));
    }

    [Theory]
    [InlineData(true, "✓\u00A0within the band")]
    [InlineData(false, "✗\u00A0outside the band")]
    [InlineData(null, "○\u00A0open")]
    public void Verdict_IsToldInWordsAndBySign(bool? isWithin, string badge)
    {
        var verdict = Page(new HtmlReport("Title", "").Verdict(isWithin, "0.5, wanted 0.4")).Descendants("p").Last();
        Assert.Equal(badge, verdict.Element("strong")!.Value);
        Assert.Equal($"{badge} 0.5, wanted 0.4", verdict.Value);
    }

    [Fact]
    public void Figure_TwoOfTheSame_ShareNoNamesAndAreDescribed()
    {
        var page = Page(new HtmlReport("Title", "").Figure(Picture, "First", "A line.").Figure(Picture, "Second"));
        var pictures = page.Descendants("figure").ToList();
        Assert.Equal(["First", "Second"], pictures.Select(figure => figure.Element("figcaption")!.Value));
        var drawings = page.Descendants().Where(part => part.Name.LocalName == "svg").ToList();
        Assert.Equal(["A line.", "Second"], drawings.Select(svg => svg.Attribute("aria-label")!.Value));
        Assert.All(drawings, svg => Assert.Equal(("img", "0 0 300 200", null), (
            svg.Attribute("role")!.Value, svg.Attribute("viewBox")!.Value, svg.Attribute("width")?.Value)));
        var ids = page.Descendants().Attributes("id").Select(id => id.Value).ToList();
        Assert.Equal(["figure-1-c", "figure-2-c"], ids);
        Assert.Equal("url(#figure-2-c)", drawings[1].Descendants().Attributes("clip-path").Single().Value);
        Assert.Contains(drawings[1].Descendants().Attributes(), link => link is { Name.LocalName: "href", Value: "#figure-2-c" });
    }

    [Theory]
    [InlineData("no picture", "got a text that is no SVG")]
    [InlineData("<html/>", "got an element 'html'")]
    [InlineData("""<svg xmlns="http://www.w3.org/2000/svg" width="wide" height="2"/>""", "got a width of 'wide'")]
    [InlineData("""<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"><script/></svg>""", "got a script")]
    [InlineData("""<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2" onload="x()"/>""", "got a script")]
    [InlineData("""<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"><image href="http://a.b/c.png"/></svg>""", "got a link to http://a.b/c.png")]
    public void Figure_Unfit_IsRefused(string svg, string wanted) => Assert.Contains(
        wanted, Assert.Throws<ArgumentException>(() => new HtmlReport("Title", "").Figure(svg, "")).Message, StringComparison.Ordinal);

    [Fact]
    public void ToHtml_AnyText_IsShownAndNeverRun() => Gen.String.Array[6].Sample(texts =>
    {
        var html = new HtmlReport("T" + texts[0], texts[1]).Section("S" + texts[2]).Paragraph(texts[3]).List(texts[4])
            .Table(new(texts[5], ["a"], [[texts[3]], [texts[4]]])).Commands(texts[5]).Figure(Picture, texts[0]).ToHtml();
        var page = XDocument.Parse(html, LoadOptions.PreserveWhitespace);
        Assert.Equal(Shown("T" + texts[0]), page.Descendants("title").Single().Value);
        Assert.Equal(Shown(texts[3]).Replace("`", ""), page.Descendants("tbody").Single().Descendants("th").First().Value.Replace("`", ""));
        Assert.Equal(Shown(texts[5]), page.Descendants("pre").Single().Value);
    });

    [Fact]
    public void ToHtml_Markup_IsText()
    {
        const string Bad = "<script>alert('x')</script> & \"q\" ' \0 \ud800";
        var page = Page(new HtmlReport(Bad, Bad).Section(Bad).Paragraph(Bad).List(Bad).Commands(Bad).Verdict(true, Bad).Figure(Picture, Bad, Bad));
        Assert.Empty(page.Descendants("script"));
        Assert.Equal("<script>alert('x')</script> & \"q\" ' \uFFFD \uFFFD", page.Descendants("section").Single().Element("p")!.Value);
    }

    [Fact]
    public void Write_File_NeedsNothingElse()
    {
        new HtmlReport("Title", "Lead").Section("One").Figure(Picture, "Caption").Write(_scratch["report.html"]);
        var html = File.ReadAllText(_scratch["report.html"]);
        Assert.StartsWith("<!DOCTYPE html>\n<html lang=\"en\">", html, StringComparison.Ordinal);
        Assert.All(Outside().Matches(html), link => Assert.True(link.Value.Contains('#') || link.Value.Contains("data:"), link.Value));
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", html, StringComparison.Ordinal);
        var page = XDocument.Parse(html);
        Assert.Contains("width=device-width", page.Descendants("meta").Attributes("content").Select(content => content.Value).Single(text => text.StartsWith("width", StringComparison.Ordinal)));
    }

    // A browser does not undo the escapes of a style sheet, and reads <td/> as a cell without end.
    [Fact]
    public void ToHtml_IsHtmlAsWellAsXml()
    {
        var html = new HtmlReport("Title", "").Section("One").Paragraph("").Table(new("", ["a"], [[""]])).ToHtml();
        var style = html[html.IndexOf("<style>", StringComparison.Ordinal)..html.IndexOf("</style>", StringComparison.Ordinal)];
        Assert.DoesNotContain('&', style);
        Assert.Contains("@media print", style, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme: dark", style, StringComparison.Ordinal);
        Assert.All(Empty().Matches(html), tag => Assert.StartsWith("<meta ", tag.Value, StringComparison.Ordinal));
    }

    private static XDocument Page(HtmlReport report) => XDocument.Parse(report.ToHtml(), LoadOptions.PreserveWhitespace);

    private static string Shown(string text) => string.Concat(text.ReplaceLineEndings("\n").EnumerateRunes().Select(rune =>
        (System.Text.Rune.IsControl(rune) && rune.Value is not ('\t' or '\n')) || rune.Value is 0xFFFE or 0xFFFF ? "\uFFFD" : rune.ToString()));

    [GeneratedRegex("""(?:href|src)="[^"]*"|url\([^)]*\)""")]
    private static partial Regex Outside();

    [GeneratedRegex("<[^>]*/>")]
    private static partial Regex Empty();
}
