namespace LowRank.Transformers.Tokenization;

/// <summary>Hugging Face's "longest first" truncation.</summary>
internal static class LongestFirst
{
    /// <summary>How many tokens of each text are kept.</summary>
    /// <remarks>
    /// With s the shorter and l the longer length and m the room: both when s + l &lt;= m; else all of s and m - s of l
    /// when that leaves l the longer; else half each, the odd token to the longer text, and to the second when they
    /// are equally long (the fast tokenizers' choice; the slow ones favour the first).
    /// </remarks>
    /// <param name="first">Tokens of the first text.</param>
    /// <param name="second">Tokens of the second text, 0 when there is none.</param>
    /// <param name="room">The most tokens to keep.</param>
    public static (int First, int Second) Cut(int first, int second, int room)
    {
        if ((long)first + second <= room)
        {
            return (first, second);
        }

        var (shorter, longer) = (Math.Min(first, second), room - (long)Math.Min(first, second));
        if (longer < shorter)
        {
            (shorter, longer) = (room / 2, room - (room / 2));
        }

        return first > second ? ((int)longer, shorter) : (shorter, (int)longer);
    }
}
