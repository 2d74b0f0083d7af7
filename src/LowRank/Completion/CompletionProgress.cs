namespace LowRank.Completion;

/// <summary>Where a running completion stands.</summary>
/// <param name="Step">Sweeps or gradient steps done.</param>
/// <param name="StepLimit">How many there may be.</param>
/// <param name="Seconds">Time since the fit began.</param>
/// <param name="TrainRmse">Root-mean-square error on the entries learned from; for variational Bayes its expectation.</param>
/// <param name="ValidationRmse">Root-mean-square error on the validation entries; null when there are none.</param>
public sealed record CompletionProgress(
    int Step, int StepLimit, double Seconds, double TrainRmse, double? ValidationRmse);
