namespace LowRank.Experiments.Reproduction;

/// <summary>What came out of a run, in plain numbers.</summary>
/// <param name="Numbers">Single numbers by name.</param>
/// <param name="Series">Curves by name: rows of numbers, such as a step and a loss.</param>
/// <param name="Complete">False when a run was looked at before its end.</param>
public sealed record CellResult(
    IReadOnlyDictionary<string, double> Numbers,
    IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyList<double>>> Series,
    bool Complete = true);
