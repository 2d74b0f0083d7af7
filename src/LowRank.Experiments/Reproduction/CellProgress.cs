namespace LowRank.Experiments.Reproduction;

/// <summary>How far a run is.</summary>
/// <param name="Done">Steps done.</param>
/// <param name="Limit">Steps there may be at most.</param>
/// <param name="Details">Figures worth watching.</param>
public sealed record CellProgress(int Done, int Limit, string Details);
