using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using LowRank.Tensors;

namespace LowRank.Experiments.Reports;

/// <summary>Makes an SVG file a part of a page: it grows and shrinks, has a description, and names nothing twice.</summary>
internal static class InlineSvg
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    public static XElement Of(string svg, string prefix, string description)
    {
        var picture = Parse(svg);
        foreach (var attribute in picture.DescendantsAndSelf().Attributes().Where(own => !own.IsNamespaceDeclaration).ToList())
        {
            attribute.Value = Renamed(attribute, prefix);
        }

        var (width, height) = (Length(picture, "width"), Length(picture, "height"));
        if (picture.Attribute("viewBox") is null)
        {
            picture.SetAttributeValue("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {width} {height}"));
        }

        picture.SetAttributeValue("width", null);
        picture.SetAttributeValue("height", null);
        picture.SetAttributeValue("style", string.Create(CultureInfo.InvariantCulture, $"max-width:{width}px"));
        picture.SetAttributeValue("role", "img");
        picture.SetAttributeValue("aria-label", description);
        return picture;
    }

    private static XElement Parse(string svg)
    {
        try
        {
            var root = XDocument.Parse(Check.NotBlank(svg), LoadOptions.PreserveWhitespace).Root!;
            Check.That(root.Name == Svg + "svg", nameof(svg), $"svg: got an element '{root.Name.LocalName}'; wanted an SVG document.");
            var isActive = root.Descendants().Any(part => part.Name.LocalName is "script" or "foreignObject")
                || root.DescendantsAndSelf().Attributes().Any(own => own.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
            Check.That(!isActive, nameof(svg), "svg: got a script; wanted a picture alone.");
            return root;
        }
        catch (XmlException error)
        {
            throw new ArgumentException($"svg: got a text that is no SVG ({error.Message}); wanted an SVG document.", nameof(svg), error);
        }
    }

    // Two pictures may use the same names for different things.
    private static string Renamed(XAttribute attribute, string prefix)
    {
        switch (attribute.Name.LocalName)
        {
            case "id":
                return prefix + attribute.Value;
            case "href":
                var isInside = attribute.Value.StartsWith('#');
                Check.That(
                    isInside || attribute.Value.StartsWith("data:", StringComparison.Ordinal),
                    "svg",
                    $"svg: got a link to {attribute.Value}; wanted a picture that needs nothing from outside.");
                return isInside ? $"#{prefix}{attribute.Value[1..]}" : attribute.Value;
            default:
                return attribute.Value.Replace("url(#", $"url(#{prefix}", StringComparison.Ordinal);
        }
    }

    private static double Length(XElement picture, string side)
    {
        var text = (string?)picture.Attribute(side) ?? "";
        return double.TryParse(text.Replace("px", "", StringComparison.Ordinal), CultureInfo.InvariantCulture, out var length) && length > 0
            ? length
            : throw new ArgumentException($"svg: got a {side} of '{text}'; wanted a number of pixels.", nameof(picture));
    }
}
