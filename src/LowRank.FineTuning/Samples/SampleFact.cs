namespace LowRank.FineTuning.Samples;

/// <summary>One thing that a sentence says, whatever its words.</summary>
/// <param name="Role">What it is about, such as <c>who</c> or <c>day</c>.</param>
/// <param name="Value">What is said of it, such as <c>baker</c> or <c>monday</c>.</param>
public sealed record SampleFact(string Role, string Value);
