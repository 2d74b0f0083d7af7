namespace LowRank.Completion.Input;

/// <summary>What a reader does with a second value for the same row and column.</summary>
public enum DuplicatePolicy
{
    /// <summary>The file is refused, naming both lines.</summary>
    Refuse,

    /// <summary>The value that stands last in the file counts.</summary>
    KeepLast,

    /// <summary>The mean of all values counts.</summary>
    Mean,
}
