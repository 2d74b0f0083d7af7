using LowRank.Tensors;

namespace LowRank.Completion.Input;

/// <summary>
/// How a file of observed entries is read. The defaults guess the layout, report it, and refuse bad data.
/// </summary>
public sealed record RatingsOptions
{
    /// <summary>The form of the file.</summary>
    /// <value>Default <see cref="RatingsFormat.Auto"/>.</value>
    public RatingsFormat Format { get; init; }

    /// <summary>
    /// What parts the fields of a delimited text: one character or <c>::</c>. A space stands for any run of spaces and
    /// tabs.
    /// </summary>
    /// <value>Default null: comma, tab, <c>::</c>, semicolon or space, whichever fits the first lines.</value>
    public string? Delimiter { get; init; }

    /// <summary>Whether the first line of a delimited text holds names.</summary>
    /// <value>Default null: it does when none of its fields is a number.</value>
    public bool? Header { get; init; }

    /// <summary>
    /// The fields of row id, column id and value, separated by commas: names of the header, or numbers from 1, such as
    /// <c>user,item,rating</c> or <c>2,1,4</c>.
    /// </summary>
    /// <value>Default null: well-known names of a header, or else the first three of three or four fields.</value>
    public string? Columns { get; init; }

    /// <summary>Whether the first field of each line of a dense text is a name.</summary>
    /// <value>Default null: it is when the first one is neither a number nor missing.</value>
    public bool? RowNames { get; init; }

    /// <summary>What to do with a second value for the same row and column.</summary>
    /// <value>Default <see cref="DuplicatePolicy.Refuse"/>.</value>
    public DuplicatePolicy Duplicates { get; init; }

    /// <summary>What to do with a line of a delimited text that cannot be read.</summary>
    /// <value>Default <see cref="BadLinePolicy.Refuse"/>.</value>
    public BadLinePolicy BadLines { get; init; }

    /// <summary>The lowest value allowed; a lower one makes a bad line.</summary>
    /// <value>Default null: any finite value.</value>
    public double? Minimum { get; init; }

    /// <summary>The highest value allowed; a higher one makes a bad line.</summary>
    /// <value>Default null: any finite value.</value>
    public double? Maximum { get; init; }

    /// <summary>
    /// A grey image of the same size (PGM or PNG) whose pixels of 0 are missing; for images and dense files.
    /// </summary>
    /// <value>Default null: no mask.</value>
    public string? MaskPath { get; init; }

    /// <summary>The share of the entries of an image or dense file to hide at random, from 0 to below 1.</summary>
    /// <value>Default 0: nothing is hidden. Hidden entries are returned apart, to judge a completion by.</value>
    public double Hide { get; init; }

    /// <summary>Decides which entries are hidden.</summary>
    /// <value>Default 0.</value>
    public Seed Seed { get; init; }

    /// <summary>Number of threads that parse a delimited text; the result does not depend on it.</summary>
    /// <value>Default 0: one per processor.</value>
    public int Threads { get; init; }

    // All faults at once, so that a user mends the options in one go.
    internal void Validate()
    {
        var faults = new List<string>();
        if (Delimiter is not (null or "::" or "\t" or " ") && !IsMark(Delimiter))
        {
            faults.Add($"{nameof(Delimiter)}: got '{Delimiter}'; wanted a tab, a space, '::' or one punctuation mark");
        }

        if (Minimum > Maximum || (Minimum is { } low && !double.IsFinite(low))
            || (Maximum is { } high && !double.IsFinite(high)))
        {
            faults.Add(FormattableString.Invariant(
                $"{nameof(Minimum)}, {nameof(Maximum)}: got {Minimum} and {Maximum}; wanted finite numbers in order"));
        }

        if (!(Hide >= 0 && Hide < 1))
        {
            faults.Add(FormattableString.Invariant($"{nameof(Hide)}: got {Hide}; wanted 0 to below 1"));
        }

        if (Threads is < 0 or > 1024)
        {
            faults.Add(FormattableString.Invariant($"{nameof(Threads)}: got {Threads}; wanted 0 to 1024"));
        }

        Check.That(faults.Count == 0, "options", string.Join("; ", faults) + ".");
    }

    // Marks that numbers or quoted fields are made of cannot part them.
    private static bool IsMark(string text) =>
        text.Length == 1 && char.IsAscii(text[0]) && (char.IsPunctuation(text[0]) || char.IsSymbol(text[0]))
        && !"\"+-.".Contains(text[0]);
}
