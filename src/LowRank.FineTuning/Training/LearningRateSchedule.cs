using LowRank.Tensors;

namespace LowRank.FineTuning.Training;

/// <summary>The learning rate over a run, as a share of the highest: a pure function of the step.</summary>
public sealed record LearningRateSchedule
{
    /// <summary>The shape of the descent.</summary>
    /// <value><see cref="ScheduleKind.Linear"/>.</value>
    public ScheduleKind Kind { get; init; } = ScheduleKind.Linear;

    /// <summary>Steps over which the rate rises in a straight line to the highest.</summary>
    /// <value>0; step k of w has the share (k + 1) / (w + 1).</value>
    public int WarmupSteps { get; init; }

    /// <summary>The share that the descent ends at.</summary>
    /// <value>0; the Deep LoRA paper's introduction run used 0.1. In [0, 1].</value>
    public double FinalShare { get; init; }

    /// <summary>The share of the highest rate at a step.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="totalSteps">The steps of the whole run; at least 1.</param>
    /// <returns>
    /// A number in [0, 1], above 0 in every step of the run unless the run is one of no descent at all.
    /// </returns>
    public double At(int step, int totalSteps)
    {
        Check.InRange(step, 0, Check.AtLeast(totalSteps, 1));
        if (step < WarmupSteps)
        {
            return (step + 1.0) / (WarmupSteps + 1.0);
        }

        var left = 1 - ((double)(step - WarmupSteps) / Math.Max(1, totalSteps - WarmupSteps));
        return Kind switch
        {
            ScheduleKind.Linear => FinalShare + ((1 - FinalShare) * left),
            ScheduleKind.Cosine => FinalShare + ((1 - FinalShare) * (1 - Math.Cos(Math.PI * left)) / 2),
            _ => 1,
        };
    }

    internal void Validate()
    {
        Check.AtLeast(WarmupSteps, 0);
        Check.InRange(FinalShare, 0, 1);
    }
}
