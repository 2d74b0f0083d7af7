namespace LowRank.FineTuning.Pretraining;

/// <summary>Token ids and their types; for pairs, whether the two texts are from different places.</summary>
internal sealed record TokenRow(int[] Ids, int[] Types, bool Apart = false);
