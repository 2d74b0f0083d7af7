using System.Globalization;

namespace LowRank.Completion.Input;

/// <summary>Applies the caller's policy to entries that stand for the same row and column.</summary>
internal static class DuplicatePolicies
{
    /// <summary>Refuses or settles duplicates; the table itself where there are none.</summary>
    /// <exception cref="InvalidDataException">
    /// There are some and the policy refuses them; both lines are named.
    /// </exception>
    public static EntryTable Apply(
        string file, EntryTable table, IReadOnlyList<string>? fields, int rows, int columns, RatingsOptions options)
    {
        var threads = options.Threads > 0 ? options.Threads : Math.Min(Environment.ProcessorCount, 16);
        if (!DuplicateEntries.Exist(table.Rows, table.Columns, rows, columns, threads))
        {
            return table;
        }

        if (options.Duplicates == DuplicatePolicy.Refuse)
        {
            throw Refusal(file, table, fields, columns);
        }

        var (r, c, v) = DuplicateEntries.Settle(table.Rows, table.Columns, table.Values, columns, options.Duplicates);
        return table with { Rows = r, Columns = c, Values = v };
    }

    private static InvalidDataException Refusal(
        string file, EntryTable table, IReadOnlyList<string>? fields, int columns)
    {
        var (first, again) = DuplicateEntries.FirstPair(table.Rows, table.Columns, columns);

        // A mirrored entry may stand for a line before the other one's.
        var lines = (First: table.LineOf(first), Again: table.LineOf(again));
        lines = lines.First < lines.Again ? lines : (lines.Again, lines.First);
        var pair = $"{Id(table.RowIds, table.Rows[again])} and {Id(table.ColumnIds, table.Columns[again])}";
        return InputFault.At(
            file,
            lines.Again,
            fields is null ? null : $"fields {fields[0]} and {fields[1]}",
            $"a second value for {pair}, which line {lines.First} has given",
            "one value for each pair",
            "remove one, or say what to do with duplicates (keep the last, or their mean)");
    }

    private static string Id(IdMap? ids, int index) =>
        InputFault.Quote(ids?[index] ?? index.ToString(CultureInfo.InvariantCulture));
}
