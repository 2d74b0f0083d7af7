namespace LowRank.Adapters;

/// <summary>One term of a weighted sum of adapters.</summary>
internal sealed record WeightedSet(string Name, AdapterSet Set, double Weight);
