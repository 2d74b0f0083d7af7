namespace LowRank.Completion;

/// <summary>A column and what the model predicts for it.</summary>
/// <param name="Id">The user's id of the column.</param>
/// <param name="Score">The prediction, in the data's units.</param>
public sealed record Recommendation(string Id, double Score);
