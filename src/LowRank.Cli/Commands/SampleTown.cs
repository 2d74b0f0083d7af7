using System.Globalization;
using System.Text;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Samples;
using LowRank.Tensors;

namespace LowRank.Cli.Commands;

/// <summary>Files of the sample world: a made-up small town, told in plain text and in labelled sets.</summary>
internal static class SampleTown
{
    /// <summary>The tasks that this writes, and how many rows each has unless told otherwise.</summary>
    private static readonly Dictionary<string, int> Rows = new()
    {
        ["similarity"] = 1200,
        ["intent"] = 1200,
        ["entailment"] = 1200,
        ["facts"] = 3000,
        ["plain-text"] = 20_000,
    };

    public static IReadOnlyCollection<string> Tasks => Rows.Keys;

    /// <summary>Writes <c>train</c>, <c>validation</c> and <c>test</c>; the latter two have a quarter of the rows.</summary>
    /// <returns>What was written, a line each.</returns>
    public static IReadOnlyList<string> Write(string task, string folder, int? rows, Seed seed) =>
    [
        .. new[] { (SampleSplit.Training, "train"), (SampleSplit.Validation, "validation"), (SampleSplit.Test, "test") }.Select(part =>
        {
            var (split, name) = part;
            var count = rows ?? Rows[task];
            count = split == SampleSplit.Training ? count : Math.Max(1, count / 4);
            var plain = task == "plain-text";
            var path = Path.Combine(folder, $"{(plain ? "town" : task)}-{name}.{(plain ? "txt" : "csv")}");
            AtomicFile.WriteText(path, task switch
            {
                "plain-text" => Text(count, seed.For(name)),
                "facts" => Csv(SampleWorld.Facts(split, count, seed.For(name))),
                _ => Csv(Draw(task, split, count, seed.For(name))),
            });
            return string.Create(CultureInfo.InvariantCulture, $"{path}: {count:N0} {(plain ? "passages" : "rows")}");
        }),
    ];

    private static ExampleSet Draw(string task, SampleSplit split, int rows, Seed seed) => task switch
    {
        "similarity" => SampleWorld.Similarity(split, rows, seed),
        "intent" => SampleWorld.Intents(split, rows, seed),
        _ => SampleWorld.Entailment(split, rows, seed),
    };

    // One sentence a line, an empty line between passages.
    private static string Text(int passages, Seed seed)
    {
        var text = new StringBuilder();
        foreach (var passage in SampleWorld.Passages(seed).Take(passages))
        {
            text.AppendJoin('\n', passage).Append("\n\n");
        }

        return text.ToString();
    }

    private static string Csv(IReadOnlyList<FactSentence> rows) =>
        $"source,target\n{string.Concat(rows.Select(row => $"{Quoted(row.Source)},{Quoted(row.Target)}\n"))}";

    private static string Csv(ExampleSet rows)
    {
        var pairs = rows.Examples[0].TextPair is not null;
        var text = new StringBuilder(pairs ? "sentence1,sentence2,label\n" : "text,label\n");
        foreach (var row in rows.Examples)
        {
            text.Append(Quoted(row.Text)).Append(',');
            if (row.TextPair is { } second)
            {
                text.Append(Quoted(second)).Append(',');
            }

            text.Append(rows.Labels?.Names[row.ClassIndex] ?? row.Target?.ToString("0.00", CultureInfo.InvariantCulture)).Append('\n');
        }

        return text.ToString();
    }

    private static string Quoted(string text) => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
