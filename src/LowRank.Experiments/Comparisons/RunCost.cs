namespace LowRank.Experiments.Comparisons;

/// <summary>What a run took; the only part of its result that differs when it is run again.</summary>
/// <param name="Seconds">Seconds from the first row to the test scores, the loading of the model not counted.</param>
/// <param name="SecondsPerStep">Seconds per training step.</param>
/// <param name="PeakMemoryBytes">
/// The process's highest memory during the run; where the system cannot say (not Linux), since the process's start.
/// </param>
public sealed record RunCost(double Seconds, double SecondsPerStep, long PeakMemoryBytes);
