namespace LowRank.FineTuning.Training;

/// <summary>How the learning rate falls after the warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>In a straight line to the final share.</summary>
    Linear,

    /// <summary>In half a cosine wave to the final share.</summary>
    Cosine,

    /// <summary>Not at all.</summary>
    Constant,
}
