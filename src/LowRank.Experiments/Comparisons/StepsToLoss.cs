namespace LowRank.Experiments.Comparisons;

/// <summary>How soon a run's training loss came down to a level.</summary>
/// <param name="Share">The level, as a share of the first step's loss.</param>
/// <param name="Steps">
/// The first step at which the mean loss of the latest five steps was that low; null when it never was.
/// </param>
public sealed record StepsToLoss(double Share, int? Steps);
