namespace LowRank.FineTuning.Data;

/// <summary>Formats and their file names.</summary>
internal static class DataFormats
{
    private static readonly Dictionary<string, DataFormat> ByExtension = new(StringComparer.OrdinalIgnoreCase)
    {
        [".csv"] = DataFormat.Csv,
        [".tsv"] = DataFormat.Tsv,
        [".tab"] = DataFormat.Tsv,
        [".jsonl"] = DataFormat.JsonLines,
        [".ndjson"] = DataFormat.JsonLines,
        [".json"] = DataFormat.Json,
        [".parquet"] = DataFormat.Parquet,
    };

    /// <summary>The format that a file's name speaks of.</summary>
    /// <exception cref="ArgumentException">The name says nothing.</exception>
    /// <exception cref="FileNotFoundException">Nor is there such a file.</exception>
    public static DataFormat Of(string path)
    {
        if (ByExtension.TryGetValue(Path.GetExtension(path), out var format))
        {
            return format;
        }

        RowSources.RequireFile(path);
        throw new ArgumentException(
            $"{path}: the name says no format; wanted {string.Join(", ", ByExtension.Keys)}, or the format given.",
            nameof(path));
    }
}
