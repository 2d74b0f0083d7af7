using LowRank.FineTuning.Data;
using LowRank.Tensors;

namespace LowRank.FineTuning.Pretraining;

/// <summary>Reads plain text to learn a language from.</summary>
public static class PretrainingText
{
    private const int LongestPassage = 10;
    private static readonly string[] Tables = [".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json", ".parquet"];

    /// <summary>The lines of text files, and the texts of tables, one after another; blank ones are left out.</summary>
    /// <param name="files">Text files, or CSV, TSV, JSON lines, JSON and Parquet with a column of texts.</param>
    /// <param name="column">The column of tables; guessed from the usual names when null.</param>
    /// <returns>The lines, read as they are asked for.</returns>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="InvalidDataException">A file is malformed, or not UTF-8.</exception>
    public static IEnumerable<string> ReadLines(IEnumerable<string> files, string? column = null) =>
        Check.NotNull(files)
            .SelectMany(file => LinesOf(file, column))
            .Where(line => !string.IsNullOrWhiteSpace(line));

    /// <summary>The text in passages: lines up to an empty one, ten at most; a row of a table is one.</summary>
    /// <param name="files">As for <see cref="ReadLines"/>.</param>
    /// <param name="column">As there.</param>
    /// <returns>The passages, read as they are asked for; none is empty.</returns>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="InvalidDataException">A file is malformed, or not UTF-8.</exception>
    public static IEnumerable<IReadOnlyList<string>> ReadPassages(IEnumerable<string> files, string? column = null)
    {
        var passage = new List<string>();
        foreach (var line in Check.NotNull(files).SelectMany(file => LinesOf(file, column).Append("")))
        {
            var isBlank = string.IsNullOrWhiteSpace(line);
            if (!isBlank)
            {
                passage.Add(line);
            }

            if (passage.Count == LongestPassage || (isBlank && passage.Count > 0))
            {
                yield return passage;
                passage = [];
            }
        }
    }

    private static IEnumerable<string> LinesOf(string path, string? column)
    {
        if (Tables.Contains(Path.GetExtension(path).ToLowerInvariant()))
        {
            foreach (var row in ExampleReader.ReadTexts(path, new() { TextColumn = column }))
            {
                yield return row.Text;
                if (row.TextPair is { } second)
                {
                    yield return second;
                }

                yield return "";
            }

            yield break;
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such file; wanted text to learn from.", path);
        }

        using var text = TextFiles.Open(path);
        foreach (var line in TextFiles.ReadLines(text, path))
        {
            yield return line;
        }
    }
}
