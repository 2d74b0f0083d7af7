namespace LowRank.Completion.Input;

/// <summary>What a reader returns.</summary>
/// <param name="Observed">The observed entries.</param>
/// <param name="Report">What was found and guessed.</param>
/// <param name="Hidden">
/// The entries hidden by <see cref="RatingsOptions.Hide"/>; null when nothing was to be hidden.
/// </param>
public sealed record RatingsData(ObservedMatrix Observed, ReadReport Report, ObservedMatrix? Hidden = null);
