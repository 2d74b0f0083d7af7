namespace LowRank.FineTuning.Metrics.Generation;

/// <summary>BLEU of a set of predictions, with its parts.</summary>
/// <param name="Value">The score, 0 to 1; sacreBLEU prints a hundred times that.</param>
/// <param name="Precisions">The share of runs of 1, 2, 3 and 4 tokens found in a reference, 0 to 1.</param>
/// <param name="BrevityPenalty">What shortness costs: a factor of 0 to 1.</param>
/// <param name="PredictionLength">The tokens of all predictions.</param>
/// <param name="ReferenceLength">The tokens of one reference of each.</param>
public sealed record BleuScore(
    double Value, IReadOnlyList<double> Precisions, double BrevityPenalty, int PredictionLength, int ReferenceLength);
