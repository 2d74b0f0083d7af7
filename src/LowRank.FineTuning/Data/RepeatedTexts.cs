namespace LowRank.FineTuning.Data;

/// <summary>Remarks on texts that occur more than once: they can contradict each other, or flatter the scores.</summary>
internal static class RepeatedTexts
{
    /// <summary>What to know about repeats within a file; null when there are none.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="labels">Their lines and labels, in the same order.</param>
    /// <param name="unit">What the numbers of rows count: lines or rows.</param>
    public static string? Within(
        IReadOnlyList<Example> examples, IReadOnlyList<(long Line, string Label)> labels, string unit)
    {
        var first = new Dictionary<(string, string?), string>(examples.Count);
        var (repeats, contradictions, line) = (0, 0, 0L);
        foreach (var (example, label) in examples.Zip(labels))
        {
            if (first.TryAdd(TextsOf(example), label.Label))
            {
                continue;
            }

            repeats++;
            if (first[TextsOf(example)] != label.Label && contradictions++ == 0)
            {
                line = label.Line;
            }
        }

        return repeats == 0 ? null
            : $"{repeats} rows repeat the text of an earlier row"
                + (contradictions == 0 ? "" : $", {contradictions} of them with another label (first at {unit} {line})");
    }

    /// <summary>What to know about texts that are judged by and learned from as well; null when there are none.</summary>
    public static string? Between(IReadOnlyList<Example> training, IReadOnlyList<Example> validation)
    {
        var learned = training.Select(TextsOf).ToHashSet();
        var seen = validation.Count(example => learned.Contains(TextsOf(example)));
        return seen == 0 ? null
            : $"{seen} of these {validation.Count} texts are also among those to learn from: the scores flatter";
    }

    private static (string Text, string? Pair) TextsOf(Example example) => (example.Text, example.TextPair);
}
