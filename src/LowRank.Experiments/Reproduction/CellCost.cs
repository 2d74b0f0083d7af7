namespace LowRank.Experiments.Reproduction;

/// <summary>What a run took, and on what.</summary>
/// <param name="Seconds">Wall-clock seconds; a run that went on after a stop counts its last part only.</param>
/// <param name="ProcessorSeconds">Seconds of processor time: what the wall clock shows where nothing else runs.</param>
/// <param name="Processor">The processor's name.</param>
/// <param name="Processors">How many of them the process saw.</param>
/// <param name="LoadBefore">The system's load average when the run began: above 0 means a shared machine; null where unknown.</param>
public sealed record CellCost(double Seconds, double ProcessorSeconds, string Processor, int Processors, double? LoadBefore);
