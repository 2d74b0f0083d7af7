using LowRank.Transformers.Tokenization;

namespace LowRank.FineTuning.Runs;

/// <summary>What a model says about a text.</summary>
/// <param name="Label">The likeliest label; null for a model of numbers.</param>
/// <param name="Score">The likeliest label's probability, or the predicted number.</param>
/// <param name="Probabilities">Every label's probability, in the model's order; empty for a model of numbers.</param>
/// <param name="Logits">The model's own outputs, before they become probabilities; one for a model of numbers.</param>
/// <param name="Tokens">Tokens that were read.</param>
/// <param name="Truncated">Whether the text was longer than the model reads and was cut.</param>
public sealed record TextPrediction(
    string? Label,
    double Score,
    IReadOnlyList<LabelProbability> Probabilities,
    IReadOnlyList<double> Logits,
    int Tokens,
    bool Truncated)
{
    internal static TextPrediction Of(TokenizedText text, double[] logits, IReadOnlyList<string> labels)
    {
        if (labels.Count == 0)
        {
            return new(null, logits[0], [], logits, text.Ids.Length, text.Truncated);
        }

        var largest = logits.Max();
        var best = Array.IndexOf(logits, largest);
        double[] shares = [.. logits.Select(logit => Math.Exp(logit - largest))];
        var sum = shares.Sum();
        return new(
            labels[best],
            shares[best] / sum,
            [.. labels.Zip(shares, (label, share) => new LabelProbability(label, share / sum))],
            logits,
            text.Ids.Length,
            text.Truncated);
    }
}
