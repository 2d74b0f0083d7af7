namespace LowRank.FineTuning.Data;

/// <summary>The formats in which examples are read.</summary>
public enum DataFormat
{
    /// <summary>Comma-separated values with quotes (RFC 4180); semicolons, tabs and bars are recognised.</summary>
    Csv,

    /// <summary>Tab-separated values; a quote is a character like any other.</summary>
    Tsv,

    /// <summary>One JSON object per line.</summary>
    JsonLines,

    /// <summary>A JSON list of objects, or an object of objects.</summary>
    Json,

    /// <summary>Apache Parquet.</summary>
    Parquet,
}
