namespace LowRank.Completion.Input;

/// <summary>What a reader does with a line that it cannot read.</summary>
public enum BadLinePolicy
{
    /// <summary>The file is refused, naming the first such line.</summary>
    Refuse,

    /// <summary>The line is left out, counted, and the first ten are told in the <see cref="ReadReport"/>.</summary>
    LeaveOut,
}
