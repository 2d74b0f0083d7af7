namespace LowRank.Completion.Input;

/// <summary>What parts the fields of a line.</summary>
/// <remarks>A space stands for any run of spaces and tabs; the double colon of MovieLens is two bytes long.</remarks>
internal readonly struct Delimiter
{
    public Delimiter(string text)
    {
        Text = text;
        First = (byte)text[0];
        Length = text.Length;
    }

    /// <summary>The delimiter as the user writes it.</summary>
    public string Text { get; }

    /// <summary>Its first byte.</summary>
    public byte First { get; }

    /// <summary>Its length, 1 or 2 bytes.</summary>
    public int Length { get; }

    /// <summary>Whether runs of blanks part the fields.</summary>
    public bool IsBlank => First == (byte)' ';

    /// <summary>How a message names it.</summary>
    public string Name => Text switch
    {
        "\t" => "a tab",
        " " => "blanks",
        "," => "a comma",
        ";" => "a semicolon",
        _ => $"'{Text}'",
    };

    /// <summary>Where the next delimiter starts, or -1.</summary>
    public int IndexIn(ReadOnlySpan<byte> text) =>
        IsBlank ? text.IndexOfAny((byte)' ', (byte)'\t')
        : Length == 2 ? text.IndexOf("::"u8)
        : text.IndexOf(First);
}
