namespace LowRank.FineTuning.Data;

/// <summary>Finds the columns of text and label: those asked for, a task's, or the obvious ones.</summary>
internal sealed class ColumnGuess
{
    private static readonly (string First, string Second)[] Pairs =
    [
        ("sentence1", "sentence2"), ("text_a", "text_b"), ("premise", "hypothesis"), ("question", "sentence"),
        ("question1", "question2"), ("text1", "text2"), ("#1 string", "#2 string"), ("query", "passage"),
    ];

    private static readonly string[] Texts =
    [
        "text", "sentence", "content", "review", "body", "message", "tweet", "comment", "document", "question",
        "utterance",
    ];

    // "label" wins; of the others there must be only one.
    private static readonly string[] Labels =
    [
        "labels", "gold_label", "target", "class", "category", "score", "sentiment", "stars", "rating", "intent",
        "is_duplicate", "quality", "topic", "similarity", "y",
    ];

    private readonly string _source;
    private readonly IReadOnlyList<string> _columns;
    private readonly ExampleReaderOptions _options;
    private readonly List<string> _notes = [];

    private ColumnGuess(string source, IReadOnlyList<string> columns, ExampleReaderOptions options)
    {
        _source = source;
        _columns = columns;
        _options = options;
    }

    /// <summary>The columns to read.</summary>
    /// <exception cref="InvalidDataException">A column does not exist, or none is obvious.</exception>
    public static ColumnChoice Choose(string source, IReadOnlyList<string> columns, ExampleReaderOptions options) =>
        new ColumnGuess(source, columns, options).Choose();

    private ColumnChoice Choose()
    {
        var layout = LayoutOf(_options.Task);
        var (text, pair) = layout is not null && _options.TextColumn is null
            ? (layout[0], layout[1].Length > 0 ? layout[1] : null)
            : ChooseTexts();
        pair = _options.TextPairColumn is null ? pair : Demand(_options.TextPairColumn, "text pair");
        var label = !_options.WithLabels ? null
            : _options.LabelColumn is not null ? Demand(_options.LabelColumn, "label")
            : layout is not null && Has(layout[2]) is { } known ? known
            : GuessLabel(text, pair);
        return text != pair && text != label && (pair is null || pair != label)
            ? new(text, pair, label, _notes)
            : throw new InvalidDataException(
                $"{_source}: text '{text}', pair '{pair}' and label '{label}'; wanted different columns.");
    }

    // Labels are not part of the match: a file to predict for has none.
    private string[]? LayoutOf(GlueTask? task)
    {
        if (task is null)
        {
            return null;
        }

        if (task.HeaderlessColumns == _columns.Count && _columns[0] == "1")
        {
            return task.HeaderlessLayout;
        }

        var layout = task.Layouts.FirstOrDefault(names =>
            Has(names[0]) is not null
            && (names[1].Length == 0 || Has(names[1]) is not null)
            && (!_options.WithLabels || Has(names[2]) is not null));
        return layout is null ? null : [.. layout.Select(name => Has(name) ?? name)];
    }

    private (string Text, string? Pair) ChooseTexts()
    {
        if (_options.TextColumn is not null)
        {
            return (Demand(_options.TextColumn, "text"), null);
        }

        foreach (var (first, second) in Pairs)
        {
            if (Has(first) is { } text && Has(second) is { } pair)
            {
                _notes.Add($"guessed the text pair: '{text}' and '{pair}'");
                return (text, pair);
            }
        }

        var found = Texts.Select(Has).OfType<string>().ToList();
        var only = found is ["text", ..] ? found[0]
            : found.Count == 1 ? found[0]
            : found.Count == 0 ? OnlyOther()
            : null;
        if (only is not null)
        {
            _notes.Add($"guessed the text: '{only}'");
            return (only, null);
        }

        throw found.Count > 1
            ? new InvalidDataException(
                $"{_source}: any of {string.Join(", ", found)} could be the text; name one of them as the text column.")
            : Absent("no column is obviously the text", "text");
    }

    // In a file of two columns, one of them obviously the label, the other is the text; so is the only column of one.
    private string? OnlyOther()
    {
        var label = _options.LabelColumn is { } asked ? Has(asked) : Has("label") ?? OneOf(Labels);
        var others = _columns.Where(column => column != label).ToList();
        return others.Count == 1 && (label is not null || !_options.WithLabels) ? others[0] : null;
    }

    private string GuessLabel(string text, string? pair)
    {
        var label = Has("label") ?? OneOf(Labels);
        if (label is null)
        {
            var others = _columns.Where(column => column != text && column != pair).ToList();
            label = others.Count == 1 ? others[0] : throw Absent("no column is obviously the label", "label");
        }

        _notes.Add($"guessed the label: '{label}'");
        return label;
    }

    private string? OneOf(string[] names)
    {
        var found = names.Select(Has).OfType<string>().ToList();
        return found.Count == 1 ? found[0] : null;
    }

    private string Demand(string column, string role) =>
        _columns.Contains(column) ? column
        : Has(column) ?? throw Absent($"no column '{column}' for the {role}", role);

    private string? Has(string name) =>
        _columns.FirstOrDefault(column => column.Equals(name, StringComparison.OrdinalIgnoreCase));

    private InvalidDataException Absent(string what, string role) =>
        new($"{_source}: {what}; it has {ColumnList.Of(_columns)}. Name one of them as the {role} column.");
}
