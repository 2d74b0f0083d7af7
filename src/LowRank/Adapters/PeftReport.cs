namespace LowRank.Adapters;

/// <summary>What <see cref="PeftFolder.Write"/> wrote.</summary>
/// <param name="Ranks">The rank of each layer by its path; layers left out as unchanged are not there.</param>
public sealed record PeftReport(IReadOnlyDictionary<string, int> Ranks);
