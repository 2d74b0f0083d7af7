using System.Globalization;

namespace LowRank.Completion.Input;

/// <summary>
/// What a reader found in a file: sizes, the range of the values, and everything it guessed or left out.
/// </summary>
public sealed record ReadReport
{
    /// <summary>The file as the caller named it.</summary>
    public required string File { get; init; }

    /// <summary>The form that was read.</summary>
    public required RatingsFormat Format { get; init; }

    /// <summary>Whether the file was compressed with gzip.</summary>
    public bool Compressed { get; init; }

    /// <summary>What parts the fields; null for files that are not delimited text.</summary>
    public string? Delimiter { get; init; }

    /// <summary>The names in the first line; null when it held none.</summary>
    public IReadOnlyList<string>? Header { get; init; }

    /// <summary>
    /// The fields taken as row id, column id and value (names, or numbers from 1); null where it has no sense.
    /// </summary>
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>What was guessed rather than told, one sentence each.</summary>
    public IReadOnlyList<string> Guesses { get; init; } = [];

    /// <summary>Number of lines; 0 for binary files.</summary>
    public long Lines { get; init; }

    /// <summary>Number of lines without any text, which hold no entry.</summary>
    public long BlankLines { get; init; }

    /// <summary>Number of comment lines (MatrixMarket).</summary>
    public long CommentLines { get; init; }

    /// <summary>Number of lines left out because they could not be read; 0 unless the options allow it.</summary>
    public long BadLines { get; init; }

    /// <summary>What was wrong with the first ten lines left out.</summary>
    public IReadOnlyList<string> BadLineFaults { get; init; } = [];

    /// <summary>Number of values for a row and column that had one already.</summary>
    public int Duplicates { get; init; }

    /// <summary>What was done with the duplicates.</summary>
    public DuplicatePolicy DuplicatePolicy { get; init; }

    /// <summary>Number of entries in the result, hidden ones included.</summary>
    public int Entries { get; init; }

    /// <summary>Number of entries hidden on the caller's wish.</summary>
    public int Hidden { get; init; }

    /// <summary>Number of rows.</summary>
    public int Rows { get; init; }

    /// <summary>Number of columns.</summary>
    public int Columns { get; init; }

    /// <summary>The lowest value.</summary>
    public double Minimum { get; init; }

    /// <summary>The highest value.</summary>
    public double Maximum { get; init; }

    /// <summary>The mean value.</summary>
    public double Mean { get; init; }

    /// <summary>The observed share of all cells, 0 to 1.</summary>
    public double Density => Entries / ((double)Rows * Columns);

    /// <summary>One line for people.</summary>
    /// <returns>Entries, size, density, range, and what was left out.</returns>
    public string ToSummary()
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{File}: {Entries} entries of {Rows} x {Columns} ({Density:P2}), "
            + $"values {Minimum:G6} to {Maximum:G6}, mean {Mean:G6}");
        text += Duplicates > 0 ? $", {Duplicates} duplicates ({DuplicatePolicy})" : string.Empty;
        text += BadLines > 0 ? $", {BadLines} bad lines left out" : string.Empty;
        text += Hidden > 0 ? $", {Hidden} entries hidden" : string.Empty;
        return text;
    }
}
