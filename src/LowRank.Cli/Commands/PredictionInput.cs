using LowRank.FineTuning.Data;
using LowRank.FineTuning.Runs;

namespace LowRank.Cli.Commands;

/// <summary>The texts to predict for, read as they are needed.</summary>
internal static class PredictionInput
{
    private const string StandardInput = "standard input";

    /// <summary>Opens a file, or standard input for '-'.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">Its form; null for that of its name or first character.</param>
    /// <param name="data">What the run was trained on: its columns are the default.</param>
    /// <param name="text">The column of the text.</param>
    /// <param name="pair">The column of the second text.</param>
    public static IEnumerable<Example> Open(string path, string? format, FineTuneData data, string? text, string? pair)
    {
        var options = (data with
        {
            TextColumn = text ?? data.TextColumn,
            TextPairColumn = pair ?? (text is null ? data.TextPairColumn : null),
        }).ReaderOptions();
        if (path == "-")
        {
            var input = Console.In;
            format ??= input.Peek() == '{' ? "jsonl" : "lines";
            return format == "lines" ? Lines(input) : ExampleReader.ReadTexts(input, StandardInput, FormatOf(format), options);
        }

        if (format == "lines" || (format is null && path.EndsWith(".txt", StringComparison.OrdinalIgnoreCase)))
        {
            return File.Exists(path)
                ? Lines(File.OpenText(path))
                : throw new FileNotFoundException($"{path}: no such file; wanted one with a text in each line.", path);
        }

        return ExampleReader.ReadTexts(path, options with { Format = format is null ? null : FormatOf(format) });
    }

    private static IEnumerable<Example> Lines(TextReader reader)
    {
        using (reader)
        {
            while (reader.ReadLine() is { } line)
            {
                yield return new Example(line);
            }
        }
    }

    private static DataFormat FormatOf(string format) => format switch
    {
        "csv" => DataFormat.Csv,
        "tsv" => DataFormat.Tsv,
        "jsonl" => DataFormat.JsonLines,
        _ => DataFormat.Json,
    };
}
