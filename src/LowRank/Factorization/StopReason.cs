namespace LowRank.Factorization;

/// <summary>Why an iteration ended.</summary>
public enum StopReason
{
    /// <summary>The loss fell below the tolerance.</summary>
    ToleranceReached,

    /// <summary>The largest number of steps was taken.</summary>
    StepLimit,

    /// <summary>The loss was no longer finite: the step size is too large. The factors are of no use.</summary>
    Diverged,

    /// <summary>The error on the entries set aside no longer improved.</summary>
    EarlyStopped,

    /// <summary>The caller asked to stop; the factors are those of the last finished step.</summary>
    Cancelled,
}
