namespace LowRank.Factorization;

/// <summary>One measured loss.</summary>
/// <param name="Step">Steps taken before the measurement; 0 is the start.</param>
/// <param name="Loss">The loss, finite.</param>
/// <param name="Seconds">Time since the descent began.</param>
public sealed record LossPoint(int Step, double Loss, double Seconds);
