using System.Globalization;
using System.Text;

namespace LowRank.FineTuning.Data;

/// <summary>What was read from a file, and what was made of it.</summary>
public sealed record DataReport
{
    /// <summary>The file, or what stands for it.</summary>
    public required string Source { get; init; }

    /// <summary>The format it was read in.</summary>
    public required DataFormat Format { get; init; }

    /// <summary>The rows in it.</summary>
    public required int Rows { get; init; }

    /// <summary>The rows that became examples.</summary>
    public int Kept { get; init; }

    /// <summary>The rows that did not, by reason.</summary>
    public IReadOnlyList<DroppedRows> Dropped { get; init; } = [];

    /// <summary>The column of the text.</summary>
    public required string TextColumn { get; init; }

    /// <summary>The column of the second text; null when there is none.</summary>
    public string? TextPairColumn { get; init; }

    /// <summary>The column of the label; null when none was read.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>What the labels are.</summary>
    public LabelKind Kind { get; init; }

    /// <summary>The rows of each class; empty unless labels are classes.</summary>
    public IReadOnlyList<LabelCount> LabelCounts { get; init; } = [];

    /// <summary>How the labels are spread; null unless they are numbers.</summary>
    public Summary? LabelSummary { get; init; }

    /// <summary>The lengths of the texts in characters, pairs together.</summary>
    public Summary Characters { get; init; } = Summary.Of([]);

    /// <summary>How many different texts there are; null unless labels are texts.</summary>
    /// <value>Rows with the same text are references of one source.</value>
    public int? Sources { get; init; }

    /// <summary>The lengths of the target texts in characters; null unless labels are texts.</summary>
    public Summary? TargetCharacters { get; init; }

    /// <summary>The lengths in tokens; null until they are measured with an encoder.</summary>
    public TokenLengths? Tokens { get; init; }

    /// <summary>The lengths of the target texts in tokens; null until they are measured, or unless labels are texts.</summary>
    public TokenLengths? TargetTokens { get; init; }

    /// <summary>What was guessed or looks odd, a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The report for people.</summary>
    /// <returns>Lines of text.</returns>
    public override string ToString()
    {
        var lines = new StringBuilder();
        void Line(string line) => lines.Append(line).Append('\n');
        Line(string.Create(CultureInfo.InvariantCulture, $"{Source}: {Rows} rows, {Kept} kept"));
        foreach (var dropped in Dropped)
        {
            var more = dropped.Count > dropped.Lines.Count ? ", ..." : "";
            Line($"  dropped: {dropped.Count} {dropped.Reason} (at {string.Join(", ", dropped.Lines)}{more})");
        }

        var (text, label) = Kind == LabelKind.Texts ? ("source", "target") : ("text", "label");
        Line($"  columns: {text} '{TextColumn}'"
            + (TextPairColumn is null ? "" : $", pair '{TextPairColumn}'")
            + (LabelColumn is null ? "" : $", {label} '{LabelColumn}'"));
        if (LabelCounts.Count > 0)
        {
            Line($"  labels: {string.Join(", ", LabelCounts.Select(label => $"{label.Label} {label.Count}"))}");
        }

        if (LabelSummary is not null)
        {
            Line($"  labels: numbers, {LabelSummary}");
        }

        if (Sources is not null)
        {
            Line($"  different sources: {Sources}; rows with one source are its references");
        }

        Line($"  characters: {Characters}");
        if (TargetCharacters is not null)
        {
            Line($"  characters of targets: {TargetCharacters}");
        }

        if (Tokens is not null)
        {
            Line($"  tokens: {Tokens}");
        }

        if (TargetTokens is not null)
        {
            Line($"  tokens of targets: {TargetTokens}");
        }

        foreach (var note in Notes)
        {
            Line($"  note: {note}");
        }

        return lines.ToString();
    }
}
