namespace LowRank.FineTuning.Training;

/// <summary>Why a training run ended.</summary>
public enum StopReason
{
    /// <summary>All steps were taken.</summary>
    Completed,

    /// <summary>The metric had not improved for as many evaluations as the patience allows.</summary>
    NoImprovement,

    /// <summary>The caller asked to stop; a checkpoint was written and the run can be resumed.</summary>
    Cancelled,

    /// <summary>The loss became NaN or infinite; no update was made with it.</summary>
    LossNotFinite,

    /// <summary>The gradient became NaN or infinite; no update was made with it.</summary>
    GradientNotFinite,
}
