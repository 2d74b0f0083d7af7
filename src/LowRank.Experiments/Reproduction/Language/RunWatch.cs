using LowRank.FineTuning.Training;

namespace LowRank.Experiments.Reproduction.Language;

/// <summary>Looks at a run for what its figure needs beside losses and scores.</summary>
internal abstract class RunWatch : TrainingObserver
{
    /// <summary>What was seen, after the last step.</summary>
    /// <returns>Curves by name.</returns>
    public abstract IEnumerable<KeyValuePair<string, IReadOnlyList<IReadOnlyList<double>>>> Series();
}
