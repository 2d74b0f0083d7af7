using LowRank.FineTuning.Training;

namespace LowRank.Experiments.Comparisons;

/// <summary>What came out of one run of a comparison; what its file holds.</summary>
public sealed record ComparisonRun
{
    /// <summary>Which run it is.</summary>
    public required ComparisonCell Cell { get; init; }

    /// <summary>The method's default learning rate at the time of the run.</summary>
    public required double DefaultLearningRate { get; init; }

    /// <summary>Why training ended; a run that diverged is a result too.</summary>
    public required StopReason Outcome { get; init; }

    /// <summary>Steps taken.</summary>
    public required int Steps { get; init; }

    /// <summary>The step whose weights were scored: the best on the validation rows.</summary>
    public required int KeptStep { get; init; }

    /// <summary>Loss and scores of those weights on the test rows.</summary>
    public required IReadOnlyDictionary<string, double> Test { get; init; }

    /// <summary>Loss and scores of those weights on the validation rows; empty when none was taken.</summary>
    public required IReadOnlyDictionary<string, double> Validation { get; init; }

    /// <summary>The loss of the first step.</summary>
    public required double FirstLoss { get; init; }

    /// <summary>The mean loss of the last steps, at most 50.</summary>
    public required double LastLoss { get; init; }

    /// <summary>How soon the loss came down.</summary>
    public required IReadOnlyList<StepsToLoss> StepsToLoss { get; init; }

    /// <summary>The loss against steps, thinned out: a step and the mean loss since the point before.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> LossCurve { get; init; }

    /// <summary>Numbers trained, the head's among them.</summary>
    public required long TrainableParameters { get; init; }

    /// <summary>What it was made with.</summary>
    public required RunVersions Versions { get; init; }

    /// <summary>What it took.</summary>
    public required RunCost Cost { get; init; }

    /// <summary>Whether the loss or a gradient became infinite or not-a-number.</summary>
    internal bool Diverged => Outcome is StopReason.LossNotFinite or StopReason.GradientNotFinite;
}
