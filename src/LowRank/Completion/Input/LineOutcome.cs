namespace LowRank.Completion.Input;

/// <summary>What became of a line.</summary>
internal enum LineOutcome
{
    /// <summary>An entry was read.</summary>
    Entry,

    /// <summary>The line has no text.</summary>
    Blank,

    /// <summary>The number of fields is not the file's.</summary>
    FieldCount,

    /// <summary>Quotation marks do not match.</summary>
    Quotes,

    /// <summary>An id is empty.</summary>
    EmptyId,

    /// <summary>An id is not text: control characters, or bytes that are not UTF-8.</summary>
    UnreadableId,

    /// <summary>A row or column number is outside the declared size.</summary>
    Index,

    /// <summary>The value is not a number.</summary>
    NotNumber,

    /// <summary>The value is infinite or NaN.</summary>
    NotFinite,

    /// <summary>The value is outside the range that the caller allows.</summary>
    OutOfRange,
}
