namespace LowRank.FineTuning.Data;

/// <summary>How many rows a class has.</summary>
/// <param name="Label">The class's name.</param>
/// <param name="Count">Its rows.</param>
public sealed record LabelCount(string Label, int Count);
