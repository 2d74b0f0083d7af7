namespace LowRank.Transformers.Tokenization;

/// <summary>One text, or one pair of texts, as a model sees it.</summary>
/// <param name="Ids">Token ids with the special tokens of the model, never padded.</param>
/// <param name="TypeIds">The segment of each token, as long as <paramref name="Ids"/>: 0 for the first text, 1 for the
/// second where the model tells them apart.</param>
/// <param name="Truncated">Whether tokens were cut off to keep the length asked for.</param>
public sealed record TokenizedText(int[] Ids, int[] TypeIds, bool Truncated);
