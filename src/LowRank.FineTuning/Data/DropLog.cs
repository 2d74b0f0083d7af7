namespace LowRank.FineTuning.Data;

/// <summary>Collects the rows that are not kept.</summary>
internal sealed class DropLog
{
    private const int MostLines = 5;

    private readonly Dictionary<string, (int Count, List<long> Lines)> _drops = new(StringComparer.Ordinal);

    /// <summary>Notes a row.</summary>
    public void Add(string reason, long line)
    {
        var (count, lines) = _drops.TryGetValue(reason, out var known) ? known : (0, []);
        if (lines.Count < MostLines)
        {
            lines.Add(line);
        }

        _drops[reason] = (count + 1, lines);
    }

    /// <summary>The rows by reason, most first.</summary>
    public IReadOnlyList<DroppedRows> ToList() =>
        [.. _drops.Select(drop => new DroppedRows(drop.Key, drop.Value.Count, drop.Value.Lines))
            .OrderByDescending(drop => drop.Count).ThenBy(drop => drop.Reason, StringComparer.Ordinal)];
}
