namespace LowRank.Experiments.Reports;

/// <summary>What a method's runs took, as medians over all of them.</summary>
/// <param name="Method">The method.</param>
/// <param name="Rank">The rank; 0 of a method without ranks.</param>
/// <param name="TrainableParameters">Numbers trained, the head's among them.</param>
/// <param name="Seconds">Seconds per run.</param>
/// <param name="SecondsPerStep">Seconds per training step.</param>
/// <param name="PeakMemoryBytes">The process's highest memory.</param>
public sealed record MethodCost(
    string Method, int Rank, long TrainableParameters, double Seconds, double SecondsPerStep, double PeakMemoryBytes);
