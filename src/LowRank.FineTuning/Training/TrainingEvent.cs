using LowRank.Adapters;

namespace LowRank.FineTuning.Training;

/// <summary>Something that happened in a training run: plain numbers only.</summary>
public abstract record TrainingEvent
{
    private TrainingEvent()
    {
    }

    /// <summary>The run begins, or goes on.</summary>
    /// <param name="Step">Steps taken before: 0 for a fresh run.</param>
    /// <param name="TotalSteps">Steps of the whole run.</param>
    /// <param name="StepsPerEpoch">Steps of one pass over the rows.</param>
    /// <param name="Rows">Training rows.</param>
    /// <param name="Parameters">What is trained and what there is.</param>
    public sealed record Started(int Step, int TotalSteps, int StepsPerEpoch, int Rows, ParameterCount Parameters)
        : TrainingEvent;

    /// <summary>A step was taken.</summary>
    /// <param name="Step">Steps taken so far, this one included.</param>
    /// <param name="Epoch">Passes over the rows so far, with the part of the current one.</param>
    /// <param name="Loss">The mean loss of the step's rows, before the update.</param>
    /// <param name="LearningRate">The adapters' learning rate.</param>
    /// <param name="GradientNorm">The norm of the joint gradient before clipping.</param>
    /// <param name="Rows">Rows of this step.</param>
    /// <param name="Tokens">Tokens computed on in this step.</param>
    /// <param name="Seconds">How long the step took.</param>
    public sealed record Stepped(
        int Step,
        double Epoch,
        double Loss,
        double LearningRate,
        double GradientNorm,
        int Rows,
        long Tokens,
        double Seconds)
        : TrainingEvent;

    /// <summary>The model was scored on the validation rows.</summary>
    /// <param name="Step">Steps taken so far.</param>
    /// <param name="Epoch">Passes over the rows so far.</param>
    /// <param name="Scores">The scores by name, in the task's order.</param>
    /// <param name="IsBest">Whether it is the best so far.</param>
    /// <param name="Seconds">How long it took.</param>
    public sealed record Evaluated(
        int Step, double Epoch, IReadOnlyList<KeyValuePair<string, double>> Scores, bool IsBest, double Seconds)
        : TrainingEvent;

    /// <summary>A checkpoint was written.</summary>
    /// <param name="Step">Steps taken so far.</param>
    /// <param name="Path">The file.</param>
    public sealed record Saved(int Step, string Path) : TrainingEvent;

    /// <summary>The run ended.</summary>
    /// <param name="Result">How, and with what.</param>
    public sealed record Finished(TrainingResult Result) : TrainingEvent;
}
