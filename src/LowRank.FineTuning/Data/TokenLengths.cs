using System.Globalization;
using LowRank.Tensors;
using LowRank.Transformers.Tokenization;

namespace LowRank.FineTuning.Data;

/// <summary>How long examples are in tokens, special tokens included.</summary>
/// <param name="Tokens">The lengths before truncation.</param>
/// <param name="Limit">The most tokens that are kept of an example.</param>
/// <param name="Truncated">The examples over the limit.</param>
public sealed record TokenLengths(Summary Tokens, int Limit, int Truncated)
{
    /// <summary>Measures examples; each is encoded once.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="encoder">The model's encoder.</param>
    /// <param name="limit">The most tokens that are kept of an example, at least 1.</param>
    /// <returns>The lengths.</returns>
    public static TokenLengths Of(IEnumerable<Example> examples, TextEncoder encoder, int limit)
    {
        Check.NotNull(encoder);
        Check.AtLeast(limit, 1);
        var lengths = Check.NotNull(examples)
            .Select(example => (double)encoder.Encode(example.Text, example.TextPair).Ids.Length)
            .ToList();
        return new(Summary.Of(lengths), limit, lengths.Count(length => length > limit));
    }

    /// <summary>The lengths in a line.</summary>
    /// <returns>The summary, and how many are cut.</returns>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Tokens}; {Truncated} over {Limit} are cut");
}
