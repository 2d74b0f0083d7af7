namespace LowRank.Factorization;

/// <summary>What a descent did, in plain numbers.</summary>
/// <param name="StopReason">Why it ended; divergence is a result, not an exception.</param>
/// <param name="Steps">Steps taken.</param>
/// <param name="FinalLoss">
/// The last measured loss that was finite; NaN only when the loss was not finite at the very start.
/// </param>
/// <param name="Losses">The finite losses in the order of their steps.</param>
/// <param name="Elapsed">Time from the first to the last step, observers included.</param>
public sealed record FitResult(
    StopReason StopReason,
    int Steps,
    double FinalLoss,
    IReadOnlyList<LossPoint> Losses,
    TimeSpan Elapsed);
