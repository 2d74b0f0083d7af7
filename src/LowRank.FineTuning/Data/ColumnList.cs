namespace LowRank.FineTuning.Data;

/// <summary>Column names in a message.</summary>
internal static class ColumnList
{
    private const int Most = 20;

    /// <summary>The names with commas between them, the first twenty.</summary>
    public static string Of(IReadOnlyList<string> columns) =>
        columns.Count == 0 ? "none"
        : string.Join(", ", columns.Take(Most).Select(Shorten)) + (columns.Count > Most ? ", ..." : "");

    private static string Shorten(string name) => name.Length > 40 ? name[..40] + "..." : name;
}
