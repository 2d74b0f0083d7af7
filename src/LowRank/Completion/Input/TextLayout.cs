namespace LowRank.Completion.Input;

/// <summary>Where a delimited text keeps row id, column id and value.</summary>
/// <param name="Delimiter">What parts the fields.</param>
/// <param name="FieldCount">Number of fields of every line.</param>
/// <param name="Row">Field of the row id, from 0.</param>
/// <param name="Column">Field of the column id, from 0.</param>
/// <param name="Value">Field of the value, from 0; -1 where only pairs are read.</param>
/// <param name="Header">The names in the first line; null when it holds data.</param>
internal sealed record TextLayout(
    Delimiter Delimiter, int FieldCount, int Row, int Column, int Value, IReadOnlyList<string>? Header)
{
    /// <summary>What was guessed on the way here, one sentence each.</summary>
    public IReadOnlyList<string> Guesses { get; init; } = [];

    /// <summary>The fields in use, as the user may write them into <see cref="RatingsOptions.Columns"/>.</summary>
    public IReadOnlyList<string> Fields =>
        [.. new[] { Row, Column, Value }.Where(f => f >= 0).Select(f => Header?[f] ?? $"{f + 1}")];

    /// <summary>How a message names a field.</summary>
    public string NameOf(int field)
    {
        var role = field == Row ? "row id" : field == Column ? "column id" : field == Value ? "value" : "not used";
        return $"field {field + 1} ({(Header is null ? role : $"'{Header[field]}', {role}")})";
    }
}
