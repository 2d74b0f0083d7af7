namespace LowRank.FineTuning.Pretraining;

/// <summary>What guessing by frequency alone would score: the least that a model must beat.</summary>
/// <param name="Loss">The mean cross-entropy, in nats, of frequencies counted in the training text.</param>
/// <param name="Accuracy">How often the most frequent token is right.</param>
public sealed record UnigramBaseline(double Loss, double Accuracy);
