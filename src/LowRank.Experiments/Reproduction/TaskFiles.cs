namespace LowRank.Experiments.Reproduction;

/// <summary>The files of a task.</summary>
/// <param name="Training">The file to learn from.</param>
/// <param name="Validation">The file that judges; the test files of GLUE have no labels.</param>
public sealed record TaskFiles(string Training, string Validation);
