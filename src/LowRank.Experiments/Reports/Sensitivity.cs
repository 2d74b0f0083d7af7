namespace LowRank.Experiments.Reports;

/// <summary>How much a method's mean score depends on a choice.</summary>
/// <param name="Samples">Training rows.</param>
/// <param name="Rank">The rank; 0 where the rank is the choice, or of a method without ranks.</param>
/// <param name="Method">The method.</param>
/// <param name="Points">The choices made and the mean test scores they gave, in rising order.</param>
/// <param name="Worst">The worst of these means.</param>
/// <param name="Spread">The distance from the best to the worst.</param>
public sealed record Sensitivity(
    int Samples, int Rank, string Method, IReadOnlyList<SensitivityPoint> Points, double Worst, double Spread);
