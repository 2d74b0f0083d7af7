namespace LowRank.Factorization;

/// <summary>The records of a run in the order of their steps, as plain numbers.</summary>
/// <param name="Points">One record per observed step.</param>
public sealed record DynamicsTrace(IReadOnlyList<DynamicsPoint> Points);
