namespace LowRank.FineTuning.Runs;

/// <summary>What a model says about a text.</summary>
/// <param name="Label">The likeliest label; null for a model of numbers.</param>
/// <param name="Score">The likeliest label's probability, or the predicted number.</param>
/// <param name="Probabilities">Every label's probability, in the model's order; empty for a model of numbers.</param>
/// <param name="Tokens">Tokens that were read.</param>
/// <param name="Truncated">Whether the text was longer than the model reads and was cut.</param>
public sealed record TextPrediction(
    string? Label, double Score, IReadOnlyList<LabelProbability> Probabilities, int Tokens, bool Truncated);
