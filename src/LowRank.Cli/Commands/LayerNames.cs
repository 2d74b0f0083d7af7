using System.Text.RegularExpressions;

namespace LowRank.Cli.Commands;

/// <summary>Tells the layers of a stack once: encoder.layer.*.attention.self.query, 12 times.</summary>
internal static partial class LayerNames
{
    /// <summary>A name with its layer number as a star.</summary>
    public static string Starred(string name) => NumberedPart().Replace(name, "*");

    /// <summary>Names that differ in their layer number only, in the order of the first.</summary>
    public static IEnumerable<(string Name, int Count)> Grouped(IEnumerable<string> names) =>
        names.GroupBy(Starred).Select(group => (group.Count() == 1 ? group.First() : group.Key, group.Count()));

    [GeneratedRegex(@"(?<=\.)\d+(?=\.)")]
    private static partial Regex NumberedPart();
}
