namespace LowRank.FineTuning.Data;

/// <summary>Opens files as rows.</summary>
internal static class RowSources
{
    /// <summary>Opens a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static RowSource Open(string path, DataFormat format, ExampleReaderOptions options)
    {
        RequireFile(path);
        return format == DataFormat.Parquet
            ? new ParquetRows(path)
            : Open(TextFiles.Open(path), path, format, options);
    }

    /// <summary>Refuses a file that does not exist.</summary>
    public static void RequireFile(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such file; wanted examples in one.", path);
        }
    }

    /// <summary>Reads from an open text.</summary>
    public static RowSource Open(TextReader text, string source, DataFormat format, ExampleReaderOptions options) =>
        format switch
        {
            DataFormat.Csv or DataFormat.Tsv => OpenDelimited(text, source, format, options),
            DataFormat.JsonLines or DataFormat.Json => new JsonRows(text, source, format),
            _ => throw new ArgumentException(
                $"{nameof(format)}: got {format} for a text; wanted Csv, Tsv, JsonLines or Json.", nameof(format)),
        };

    private static DelimitedRows OpenDelimited(
        TextReader text, string source, DataFormat format, ExampleReaderOptions options)
    {
        try
        {
            return new(text, source, format, options);
        }
        catch
        {
            text.Dispose();
            throw;
        }
    }
}
