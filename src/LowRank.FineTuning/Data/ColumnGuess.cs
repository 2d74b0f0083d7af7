namespace LowRank.FineTuning.Data;

/// <summary>
/// Finds the columns of text and label, or of source and target: those asked for, a task's, or the obvious ones.
/// </summary>
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

    private static readonly (string First, string Second)[] Targets =
    [
        ("source", "target"), ("input", "output"), ("mr", "ref"), ("meaning_representation", "human_reference"),
        ("meaning_representation", "target"), ("document", "summary"), ("article", "highlights"), ("text", "summary"),
        ("question", "answer"), ("prompt", "completion"), ("instruction", "output"), ("src", "tgt"), ("text", "target"),
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
    private readonly bool _writes;
    private readonly string _textRole;
    private readonly string _labelRole;

    private ColumnGuess(string source, IReadOnlyList<string> columns, ExampleReaderOptions options)
    {
        _source = source;
        _columns = columns;
        _options = options;
        _writes = (options.Kind ?? options.Task?.Kind) == LabelKind.Texts;
        (_textRole, _labelRole) = _writes ? ("source", "target") : ("text", "label");
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
            : _options.LabelColumn is not null ? Demand(_options.LabelColumn, _labelRole)
            : layout is not null && Has(layout[2]) is { } known ? known
            : _writes ? ChooseTarget(text)
            : GuessLabel(text, pair);
        return text != pair && text != label && (pair is null || pair != label)
            ? new(text, pair, label, _notes)
            : throw new InvalidDataException(
                $"{_source}: {_textRole} '{text}'{(pair is null ? "" : $", pair '{pair}'")} and {_labelRole} '{label}'; wanted "
                    + "different columns.");
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

    // The target of a known pair need not be there to predict for, and may be named otherwise.
    private string ChooseSource()
    {
        var source = Targets
            .Where(pair => !_options.WithLabels || _options.LabelColumn is not null || Has(pair.Second) is not null)
            .Select(pair => Has(pair.First))
            .FirstOrDefault(found => found is not null && found != _options.LabelColumn)
            ?? OnlyOtherThan(_options.LabelColumn, _options.WithLabels ? 2 : 1)
            ?? throw Absent("no column is obviously the source", _textRole);
        _notes.Add($"guessed the source: '{source}'");
        return source;
    }

    private string ChooseTarget(string source)
    {
        var target = Targets
            .Where(pair => Has(pair.First) == source)
            .Select(pair => Has(pair.Second))
            .FirstOrDefault(found => found is not null)
            ?? OnlyOtherThan(source, 2)
            ?? throw Absent("no column is obviously the target", _labelRole);
        _notes.Add($"guessed the target: '{target}'");
        return target;
    }

    // Of so many columns, the first that is not another.
    private string? OnlyOtherThan(string? other, int count) =>
        _columns.Count == count ? _columns.FirstOrDefault(column => column != other) : null;

    private (string Text, string? Pair) ChooseTexts()
    {
        if (_options.TextColumn is not null || _writes)
        {
            return (_options.TextColumn is null ? ChooseSource() : Demand(_options.TextColumn, _textRole), null);
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
