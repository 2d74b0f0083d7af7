namespace LowRank.FineTuning.Runs;

/// <summary>A label and how likely the model holds it.</summary>
/// <param name="Label">The label's name.</param>
/// <param name="Probability">In [0, 1]; all labels' sum to 1.</param>
public sealed record LabelProbability(string Label, double Probability);
